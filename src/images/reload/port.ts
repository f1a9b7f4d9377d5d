/** How command lines name a port; in each, the group is its number. */
const forms = [
  /(?:^|\s)(?:-p|--port)[= ](\d{2,5})(?=\s|$)/,
  /(?:^|\s)(?:--bind=)?[\w.-]*:(\d{2,5})(?=\s|$)/,
  /(?:^|\s)PORT=(\d{2,5})(?=\s|$)/,
]

/** The port that a command line names; undefined if it names none. Pure. */
export function portIn(line: string): number | undefined {
  const ports = forms.flatMap((form) => Number(form.exec(line)?.[1] ?? 0))
  return ports.find((port) => port > 0 && port < 65_536)
}
