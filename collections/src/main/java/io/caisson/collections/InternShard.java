package io.caisson.collections;

import io.caisson.alloc.Allocator;

/** One of the parts of a concurrent intern table: a table with a lock. Thread-safe. */
final class InternShard {

  private final BriefLock lock = new BriefLock();

  /** Used under the lock, but for reading by who keeps a reference. */
  final InternCore core;

  InternShard(Allocator allocator, InternKeys keys, int number, int bits) {
    core = new InternCore(allocator, keys, number, bits);
  }

  int find(long address, long byteSize, long hash) {
    lock.lock();
    try {
      return core.find(address, byteSize, hash);
    } finally {
      lock.unlock();
    }
  }

  int acquire(long address, long byteSize, long hash) {
    lock.lock();
    try {
      return core.acquire(address, byteSize, hash);
    } finally {
      lock.unlock();
    }
  }

  void retain(int handle) {
    lock.lock();
    try {
      core.retain(handle);
    } finally {
      lock.unlock();
    }
  }

  boolean release(int handle) {
    lock.lock();
    try {
      return core.release(handle);
    } finally {
      lock.unlock();
    }
  }

  int references(int handle) {
    lock.lock();
    try {
      return core.references(handle);
    } finally {
      lock.unlock();
    }
  }

  InternStats stats() {
    lock.lock();
    try {
      return core.stats();
    } finally {
      lock.unlock();
    }
  }

  void reserve(long entries) {
    lock.lock();
    try {
      core.requireOpen();
      core.reserve(entries);
    } finally {
      lock.unlock();
    }
  }

  void checkInvariants() {
    lock.lock();
    try {
      core.checkInvariants();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for who has the lock, and frees all entries. */
  void close() {
    lock.lock();
    try {
      core.close();
    } finally {
      lock.unlock();
    }
  }
}
