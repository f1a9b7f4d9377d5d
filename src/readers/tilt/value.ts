/** What an expression of a Tiltfile is, without running anything. */
export type Value =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'number'; readonly number: number; readonly line: number }
  | { readonly kind: 'flag'; readonly flag: boolean; readonly line: number }
  | { readonly kind: 'none'; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly line: number }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Value, Value])[]; readonly line: number }
  | { readonly kind: 'call'; readonly call: Call; readonly line: number }
  /** Computed. */
  | { readonly kind: 'unknown'; readonly source: string; readonly line: number }

/** A call of a function. */
export interface Call {
  /** With dots, as written: `config.parse`. */
  readonly name: string
  readonly args: readonly Value[]
  readonly named: Readonly<Record<string, Value>>
  readonly line: number
  /** Whether it is inside of `if`, `for` or `def`. */
  readonly sometimes: boolean
}

/** The argument of a call by its name or position; none if it is not given. */
export function argument(call: Call, name: string, position = -1): Value | undefined {
  const value = Object.hasOwn(call.named, name) ? call.named[name] : call.args[position]
  return value?.kind === 'none' ? undefined : value
}

/** The text of a literal. */
export function textOf(value: Value | undefined): string | undefined {
  if (value?.kind === 'text') return value.text
  return value?.kind === 'number' ? String(value.number) : undefined
}

/** One value or the items of a list, also of lists in it. */
export function itemsOf(value: Value | undefined): Value[] {
  if (value === undefined || value.kind === 'none') return []
  return value.kind === 'list' ? value.items.flatMap(itemsOf) : [value]
}

/** The literal texts of one value or a list. */
export function textsOf(value: Value | undefined): string[] {
  return itemsOf(value).flatMap((item) => textOf(item) ?? [])
}

/** Whether a part of a value is computed. */
export function isComputed(value: Value | undefined): boolean {
  if (value?.kind === 'list') return value.items.some(isComputed)
  if (value?.kind === 'map') return value.entries.some((pair) => pair.some(isComputed))
  return value?.kind === 'unknown'
}
