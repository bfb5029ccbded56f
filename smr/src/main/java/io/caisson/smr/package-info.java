/** Epoch-based reclamation: a domain, its guards, and the limits on its garbage. */
package io.caisson.smr;
