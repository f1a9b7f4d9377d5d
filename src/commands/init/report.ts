import type { Proposal } from '../../init/propose/propose.ts'

/** What `devk init` says when it has written a file: a tick, or `!` while something is open. Pure. */
export function doneText(fileName: string, { config, notes, remarks }: Proposal): string {
  const services = Object.entries(config.services ?? {}).map(([name, { build, workload, image }]) => {
    const what =
      build === undefined ? String(workload) : `built from ${build.context}${build.target ? ` (${build.target})` : ''}`
    return `  ${name}  ${what}${image === undefined ? '' : `, image ${image}`}`
  })
  const open = [...notes.map((note) => `! ${note}`), ...remarks.map((remark) => `- ${remark}`)]
  const end = ['Next: devk plan shows what it would deploy, devk up brings it up.', '']
  const first = notes.length === 0 ? `✔ Wrote ${fileName}` : `! Wrote ${fileName}. Read the points below first.`
  return [first, ...services, ...(open.length > 0 ? ['', ...open] : []), '', ...end].join('\n')
}
