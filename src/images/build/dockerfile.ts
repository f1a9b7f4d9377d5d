/** An instruction of a Dockerfile. */
export interface Instruction {
  /** Number of its first line, from 1. */
  readonly line: number
  /** Upper case. */
  readonly keyword: string
  /** Its text without the keyword and comments, on one line. */
  readonly text: string
}

/**
 * The instructions of a Dockerfile. Joins continued lines and skips the bodies of here-documents.
 * Syntax: https://docs.docker.com/reference/dockerfile/
 */
export function instructions(dockerfile: string): Instruction[] {
  const lines = dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)
  const escapeWith = escapeCharacter(lines)
  const found: Instruction[] = []
  for (let index = 0; index < lines.length; index++) {
    const first = index
    let text = lines[index] ?? ''
    if (/^\s*(#|$)/.test(text)) continue
    while (continues(text, escapeWith) && index + 1 < lines.length) {
      const next = lines[++index] ?? ''
      if (!/^\s*(#|$)/.test(next)) text = `${text.trimEnd().slice(0, -1)}${next}`
    }
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(text) ?? []
    found.push({ line: first + 1, keyword: keyword.toUpperCase(), text: rest.trim() })
    for (const end of hereDocuments(keyword, rest)) {
      while (index + 1 < lines.length && !end(lines[++index] ?? '')) {
        // the body of a here-document holds no instructions
      }
    }
  }
  return found
}

/**
 * Line of a step that BuildKit names like `[build 3/5] RUN npm ci`; undefined when not found, for example after
 * expansion of variables.
 */
export function lineOfStep(dockerfile: string, stepName: string): number | undefined {
  const wanted = squeeze(stepName.replace(/^\[[^\]]*\]\s*/, ''))
  return instructions(dockerfile).find(({ keyword, text }) => squeeze(`${keyword} ${text}`) === wanted)?.line
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^#\s*([a-z]+)\s*=\s*(\S+)/i.exec(line)
    if (!directive) break
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] ?? '\\'
  }
  return '\\'
}

function continues(text: string, escapeWith: string): boolean {
  return text.trimEnd().endsWith(escapeWith)
}

function hereDocuments(keyword: string, text: string): ((line: string) => boolean)[] {
  if (!/^(run|copy|add)$/i.test(keyword)) return []
  return [...text.matchAll(/(?:^|\s)\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2/g)].map(
    ([, dash, , word]) =>
      (line) =>
        (dash === '-' ? line.replace(/^\t+/, '') : line) === word,
  )
}
