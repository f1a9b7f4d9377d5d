import type { SyntaxNode } from '@lezer/common'
import { parser } from '@lezer/python'
import { unquoted } from './literal.ts'
import type { Call, Value } from './value.ts'

/** More levels than anybody writes; the walk calls itself for each. */
const deepest = 200

/**
 * The calls of a Tiltfile, in order, with their literal arguments. Starlark is a part of Python, so Python's grammar
 * reads it; the parser goes on behind a mistake. Nothing is run: a name counts as what a literal gave it, if nothing
 * else does. Pure.
 */
export function callsIn(text: string): Call[] {
  return new Walk(text).calls()
}

/** The line of the first mistake in a Tiltfile. Pure. */
export function mistakeIn(text: string): number | undefined {
  const cursor = parser.parse(text).cursor()
  do {
    if (cursor.type.isError) return text.slice(0, cursor.from).split('\n').length
  } while (cursor.next())
  return undefined
}

class Walk {
  readonly #text: string
  readonly #starts: number[]
  readonly #names = new Map<string, Value>()
  readonly #calls: Call[] = []

  constructor(text: string) {
    this.#text = text
    this.#starts = [...text.matchAll(/\n/g)].map(({ index }) => index)
  }

  calls(): Call[] {
    const script = parser.parse(this.#text).topNode
    this.#assignments(script)
    this.#statements(script, false, 0)
    return this.#calls
  }

  /** Names that exactly one statement at the top sets. */
  #assignments(script: SyntaxNode): void {
    const set = new Map<string, SyntaxNode[]>()
    const cursor = script.cursor()
    do {
      if (!/^(AssignStatement|UpdateStatement|ForStatement)$/.test(cursor.name)) continue
      const node = cursor.node
      const names = node.name === 'ForStatement' ? children(node).slice(0, 3) : children(node).slice(0, 1)
      for (const name of names.filter((each) => each.name === 'VariableName')) {
        set.set(this.#source(name), [...(set.get(this.#source(name)) ?? []), node])
      }
    } while (cursor.next())
    for (const [name, [node, more]] of set) {
      if (node === undefined || more !== undefined || node.name !== 'AssignStatement') continue
      const [, operator, value, rest] = children(node)
      if (node.parent?.name !== 'Script' || operator?.name !== 'AssignOp' || value === undefined || rest) continue
      this.#names.set(name, this.#value(value, false, 0))
    }
  }

  #statements(node: SyntaxNode, sometimes: boolean, depth: number): void {
    if (depth > deepest) return
    for (const child of children(node)) {
      if (child.name === 'CallExpression') this.#calls.push(...this.#call(child, sometimes, depth))
      else if (/^(If|For|While|Try|With)Statement$|^(FunctionDefinition|LambdaExpression)$/.test(child.name)) {
        this.#statements(child, true, depth + 1)
      } else if (!/^(ArrayComprehension|String)/.test(child.name)) this.#statements(child, sometimes, depth + 1)
    }
  }

  /** A call; none if its function has no name. */
  #call(node: SyntaxNode, sometimes: boolean, depth: number): Call[] {
    const [callee, list] = children(node)
    if (callee === undefined || !/^(VariableName|MemberExpression)$/.test(callee.name)) return []
    const args: Value[] = []
    const named: Record<string, Value> = Object.create(null)
    const parts = list?.name === 'ArgList' ? children(list).filter(({ name }) => !/^[(),]$|⚠|Comment/.test(name)) : []
    for (let at = 0; at < parts.length; at++) {
      const [part, operator, value] = [parts[at], parts[at + 1], parts[at + 2]]
      if (part === undefined) continue
      if (part.name === 'VariableName' && operator?.name === 'AssignOp') {
        if (value !== undefined) named[this.#source(part)] = this.#value(value, sometimes, depth + 1)
        at += 2
      } else args.push(this.#value(part, sometimes, depth + 1))
    }
    return [{ name: this.#source(callee).replace(/\s/g, ''), args, named, line: this.#line(node), sometimes }]
  }

  #value(node: SyntaxNode, sometimes: boolean, depth: number): Value {
    const line = this.#line(node)
    const unknown: Value = { kind: 'unknown', source: this.#source(node), line }
    if (depth > deepest) return unknown
    const inside = () =>
      children(node)
        .filter(({ name }) => !/^[[\](){},:]$|⚠|Comment/.test(name))
        .map((each) => this.#value(each, sometimes, depth + 1))
    switch (node.name) {
      case 'String': {
        const text = unquoted(this.#source(node))
        return text === undefined ? unknown : { kind: 'text', text, line }
      }
      case 'ContinuedString':
        return inside().reduce((a, b) => sum(a, b) ?? unknown)
      case 'Number': {
        const number = Number(this.#source(node))
        return Number.isFinite(number) ? { kind: 'number', number, line } : unknown
      }
      case 'Boolean':
        return { kind: 'flag', flag: this.#source(node) === 'True', line }
      case 'None':
        return { kind: 'none', line }
      case 'ArrayExpression':
      case 'TupleExpression':
        return { kind: 'list', items: inside(), line }
      case 'ParenthesizedExpression':
        return inside()[0] ?? unknown
      case 'DictionaryExpression': {
        const all = inside()
        const entries = all.flatMap((key, at) =>
          at % 2 === 0 && all[at + 1] ? [[key, all[at + 1] ?? key] as const] : [],
        )
        return { kind: 'map', entries, line }
      }
      case 'BinaryExpression': {
        const [left, operator, right] = children(node)
        if (left === undefined || right === undefined || operator === undefined) return unknown
        if (this.#source(operator) !== '+') return unknown
        return sum(this.#value(left, sometimes, depth + 1), this.#value(right, sometimes, depth + 1)) ?? unknown
      }
      case 'CallExpression': {
        const [call] = this.#call(node, sometimes, depth)
        return call === undefined ? unknown : { kind: 'call', call, line }
      }
      case 'VariableName': {
        const known = this.#names.get(this.#source(node))
        return known === undefined ? unknown : known
      }
      default:
        return unknown
    }
  }

  #source(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to)
  }

  #line(node: SyntaxNode): number {
    let [low, high] = [0, this.#starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] ?? 0) < node.from) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

function sum(a: Value, b: Value): Value | undefined {
  if (a.kind === 'text' && b.kind === 'text') return { ...a, text: a.text + b.text }
  if (a.kind === 'list' && b.kind === 'list') return { ...a, items: [...a.items, ...b.items] }
  return undefined
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child)
  return found
}
