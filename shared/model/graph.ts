import type { Service } from './config.ts';
import type { ServiceImports } from './imports.ts';
import type { ServiceName } from './names.ts';

/** Services and what they depend on. The second of the nine values. */
export interface Graph {
  readonly nodes: ReadonlyMap<ServiceName, GraphNode>;
  /** Circles among the dependencies, each once, starting at its first name; detection allows them, an order does not. */
  readonly cycles: readonly (readonly ServiceName[])[];
}

export interface GraphNode {
  readonly service: Service;
  /** Declared and imported, sorted. */
  readonly dependencies: readonly ServiceName[];
  /** What manifests say beside its configuration. */
  readonly imported: ServiceImports;
  /** Everything it depends on, at any distance, with the shortest way there (`[checkout, cart, pricing]`). Sorted by name. */
  readonly closure: ReadonlyMap<ServiceName, readonly ServiceName[]>;
}
