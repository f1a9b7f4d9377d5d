import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { ConfigPath, Position, SourceMap } from './problems.ts'

/** Key positions of a YAML or JSON text (JSON is YAML), below `base`. */
export function scanData(text: string, base: ConfigPath): SourceMap {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
  const positions = new Map<string, Position>()
  const duplicates: SourceMap['duplicates'][number][] = []

  const positionOf = (node: unknown): Position => {
    const { line, col } = lines.linePos((node as Node).range?.[0] ?? 0)
    return { line, column: col }
  }
  const visit = (node: unknown, path: ConfigPath): void => {
    const target = isAlias(node) ? node.resolve(document) : node
    if (isMap(target)) {
      const seen = new Set<string>()
      for (const pair of target.items) {
        if (!isScalar(pair.key)) continue
        const child = [...path, String(pair.key.value)]
        const key = JSON.stringify(child)
        const at = positionOf(pair.key)
        const first = positions.get(key)
        if (seen.has(key) && first) duplicates.push({ path: child, first, again: at })
        seen.add(key)
        positions.set(key, at)
        visit(pair.value, child)
      }
    } else if (isSeq(target)) {
      target.items.forEach((item, index) => {
        const child = [...path, index]
        positions.set(JSON.stringify(child), positionOf(item))
        visit(item, child)
      })
    }
  }
  visit(document.getIn(base, true), [])
  return { find: (path) => positions.get(JSON.stringify(path)), duplicates }
}
