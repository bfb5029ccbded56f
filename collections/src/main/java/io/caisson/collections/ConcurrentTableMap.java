package io.caisson.collections;

import io.caisson.collections.EntryValues.Mode;
import java.util.AbstractMap;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows a concurrent table of records as a map, which copies those it returns; as thread-safe as
 * the table. Every operation on one key is one of the table's.
 */
final class ConcurrentTableMap<K extends Record, V extends Record> extends AbstractMap<K, V>
    implements ConcurrentMap<K, V> {

  private final ConcurrentTable<K, V> table;
  private final Class<K> keyType;
  private final Class<V> valueType;
  private final ConcurrentViews<K, V> views;

  ConcurrentTableMap(ConcurrentTable<K, V> table, Class<K> keyType, Class<V> valueType) {
    this.table = table;
    this.keyType = keyType;
    this.valueType = valueType;
    views = new ConcurrentViews<>(this, table::walk);
  }

  /** Returns an object as what it must be to be there, or null if it is something else. */
  private static <R> @Nullable R as(Class<R> type, @Nullable Object object) {
    return type.isInstance(object) ? type.cast(object) : null;
  }

  private @Nullable K key(@Nullable Object object) {
    return as(keyType, Objects.requireNonNull(object, "key"));
  }

  private static <T> T nonNull(@Nullable T value) {
    return Objects.requireNonNull(value, "value");
  }

  // ---- single operations ------------------------------------------------------------------------

  @Override
  public int size() {
    return (int) Math.min(table.size(), Integer.MAX_VALUE);
  }

  @Override
  public boolean containsKey(@Nullable Object object) {
    K key = key(object);
    return key != null && table.containsKey(key);
  }

  @Override
  public boolean containsValue(@Nullable Object value) {
    return super.containsValue(nonNull(value));
  }

  @Override
  public @Nullable V get(@Nullable Object object) {
    K key = key(object);
    return key == null ? null : table.get(key);
  }

  @Override
  public @Nullable V put(K key, V value) {
    return table.exchange(key, nonNull(value), Mode.PUT);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return table.insert(key, nonNull(value));
  }

  @Override
  public @Nullable V replace(K key, V value) {
    return table.exchange(key, nonNull(value), Mode.IF_PRESENT);
  }

  @Override
  public boolean replace(K key, V expected, V value) {
    return table.replace(key, expected, value);
  }

  @Override
  public @Nullable V remove(@Nullable Object object) {
    K key = key(object);
    return key == null ? null : table.exchange(key, null, Mode.REMOVE);
  }

  @Override
  public boolean remove(@Nullable Object object, @Nullable Object value) {
    K key = key(object);
    V expected = as(valueType, value);
    return key != null && expected != null && table.remove(key, expected);
  }

  @Override
  public void clear() {
    table.clear();
  }

  // ---- functions --------------------------------------------------------------------------------

  @Override
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    return table.compute(key, function);
  }

  @Override
  public @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    return table.compute(key, (same, old) -> old == null ? null : function.apply(same, old));
  }

  @Override
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    return table.merge(key, value, function);
  }

  @Override
  public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    Objects.requireNonNull(function, "function");
    for (K key : keySet()) {
      V _ = computeIfPresent(key, (same, old) -> nonNull(function.apply(same, old)));
    }
  }

  // ---- views ------------------------------------------------------------------------------------

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return views.entries;
  }

  @Override
  public Set<K> keySet() {
    return views.keys;
  }

  @Override
  public Collection<V> values() {
    return views.values;
  }
}
