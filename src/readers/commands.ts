import { words } from './words.ts'

/** A line for a shell as a command: its words, or a shell with the line where it needs one. Pure. */
export function commandOf(line: string): string[] {
  return /[&|;<>$`()*~]|^\s*\w+=/.test(line) ? ['sh', '-c', line.trim()] : words(line)
}

/** Words of programs and scripts by which people develop. */
const development = [
  /(^|\s)(npm|pnpm|yarn|bun|turbo)\s(.*\s)?(dev|develop|start|serve|watch)(:\S+)?(\s|$)/,
  /(^|[\s/])(nodemon|tsx watch|node --watch|next dev|vite|air|rails (s|server)|flask( .*)? run)(\s|$)/,
  /\s(runserver|--reload|--watch|--debug)(\s|$)/,
]

/** Whether a line starts a program by which people develop, such as `npm run dev`. Pure. */
export function startsDevelopment(line: string): boolean {
  return development.some((pattern) => pattern.test(line))
}
