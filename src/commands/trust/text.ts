import { keyWarning } from '../../presets/tls/notes.ts'
import type { OwnAuthorities, OwnAuthority } from './authorities.ts'
import type { TrustLines } from './change.ts'

/** What `devk trust` shows. */
export interface TrustReport {
  readonly own: OwnAuthorities
  /** What was done, as sentences; empty if nothing was. */
  readonly done: readonly string[]
  readonly lines: TrustLines
}

/** The report for people. Pure. */
export function trustText({ own, done, lines }: TrustReport): string {
  const authorities = [own.local, own.hosts].filter((authority) => authority !== undefined)
  const keys = authorities.map(({ keyFile }) => keyFile)
  const how =
    done.length > 0 || lines.lines.length === 0
      ? []
      : ['To trust it, run devk trust --install, or:', ...lines.lines.map((line) => `  ${line}`)]
  const browsers =
    lines.browsers.length === 0
      ? []
      : ['Browsers have their own list of authorities:', ...lines.browsers.map((line) => `  ${line}`)]
  const blocks = [
    authorities.flatMap(factsOf),
    keys.length === 0 ? [] : [`⚠ ${keyWarning(keys)}`],
    own.agreed.length === 0 ? [] : [`You agreed to certificates for ${own.agreed.join(', ')}.`],
    done,
    [...how, ...browsers],
  ]
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
}

function factsOf({ facts, outdated }: OwnAuthority): string[] {
  const { file, subject, fingerprint, until, names } = facts
  const state = outdated
    ? '  devk up replaces it: it expires soon, or it signs for other names than it should'
    : `  signs for ${names.join(', ')}`
  return [file, `  ${subject}, until ${until.slice(0, 10)}`, `  SHA-256 ${fingerprint}`, state]
}

/** The report for programs. The fields of the authority for local names come first. Pure. */
export function trustJson({ own, lines }: TrustReport, flags: { install: boolean; remove: boolean }): object {
  return {
    ...own.local?.facts,
    hosts: own.hosts?.facts ?? null,
    agreed: own.agreed,
    commands: lines.lines,
    installed: flags.install,
    removed: flags.remove,
  }
}
