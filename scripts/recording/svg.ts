import type { Frame, Run, Size } from './frames.ts'

const cell = { width: 8.4, height: 19 }
const padding = 12
const background = '#16191d'
const foreground = '#d6dbe0'
/** Colours of a terminal, each readable on the background: the eight normal ones, then the eight bright ones. */
const colors = [
  ...['#5c6370', '#ef8a86', '#8fce8a', '#e2c272', '#86b4f2', '#d39ae8', '#74cdd6', '#d6dbe0'],
  ...['#8b939e', '#f7a7a3', '#a9e0a4', '#f0d591', '#a5c8f7', '#e2b5f2', '#95dde4', '#f3f5f7'],
]

/**
 * An animated SVG: the frames lie below each other, and the picture moves from one to the next. `ms` is how long each
 * is shown. Readers who asked for less motion see the last one.
 */
export function svgOf(title: string, frames: readonly Frame[], ms: readonly number[], size: Size): string {
  const width = Math.ceil(size.columns * cell.width + 2 * padding)
  const height = size.rows * cell.height + 2 * padding
  const total = ms.reduce((sum, each) => sum + each, 0)
  let shown = 0
  const steps = ms.map((each, index) => {
    const percent = (100 * shown) / total
    shown += each
    return `${percent.toFixed(3)}%{transform:translateY(${-index * height}px)}`
  })
  const last = `translateY(${-(frames.length - 1) * height}px)`
  const style = [
    `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:${foreground}}`,
    ...colors.map((color, index) => `.c${index}{fill:${color}}`),
    '.b{font-weight:bold}.d{opacity:.65}',
    `#film{animation:play ${(total / 1000).toFixed(2)}s step-end infinite}`,
    `@keyframes play{${steps.join('')}}`,
    `@media(prefers-reduced-motion:reduce){#film{animation:none;transform:${last}}}`,
  ].join('')
  const symbols = new Map<string, string>()
  const film = frames.flatMap(({ rows }, frame) =>
    rows.flatMap((runs, row) => {
      if (runs.length === 0) return []
      const drawn = drawnRow(runs)
      const id = symbols.get(drawn) ?? `r${symbols.size}`
      symbols.set(drawn, id)
      const y = frame * height + padding + (row + 0.75) * cell.height
      return `<use href="#${id}" y="${Number(y.toFixed(1))}"/>`
    }),
  )
  const defs = [...symbols].map(([drawn, id]) => `<g id="${id}">${drawn}</g>`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style><defs>${defs.join('\n')}</defs>`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    `<g id="film">${film.join('\n')}</g></svg>\n`,
  ].join('\n')
}

/** Each run has its own place and width, so that columns stay in line with any font. */
function drawnRow(runs: readonly Run[]): string {
  let column = 0
  return runs
    .map(({ text, color, bold, dim }) => {
      const x = padding + column * cell.width
      column += [...text].length
      if (text.trim() === '') return ''
      const classes = [color === undefined ? [] : `c${color}`, bold ? 'b' : [], dim ? 'd' : []].flat().join(' ')
      const look = classes === '' ? '' : ` class="${classes}"`
      const length = ([...text].length * cell.width).toFixed(1)
      return `<text x="${x.toFixed(1)}" textLength="${length}"${look}>${escaped(text)}</text>`
    })
    .join('')
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? '')
}
