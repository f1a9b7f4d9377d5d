/** JSON with comments as JSON: comments and tabs become spaces, so that each value keeps its place. Pure. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)|\t/g, (part) =>
    part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
  )
}
