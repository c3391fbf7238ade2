/** Does something when it is first asked for, and once: all who ask get the same value, or the same promise of one. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
