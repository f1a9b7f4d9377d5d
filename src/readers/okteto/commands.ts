import type { Facts, HelmFact, OpenPoint } from '../facts.ts'
import type { Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { words } from '../words.ts'

/** The literal `helm upgrade` and `kubectl apply` commands of a list; every other command is an open point. */
export function commandsOf(deploy: Located): Facts {
  const open: OpenPoint[] = []
  const [manifests, kustomize, helm]: [string[], string[], HelmFact[]] = [[], [], []]
  const items = deploy.items().length > 0 ? deploy.items() : deploy.get('commands').items()
  for (const item of items) {
    const line = item.text() ?? item.get('command').text() ?? ''
    const parts = words(line)
    const folder = folderOf(item.place.file)
    const paths = (flag: string[]) => optionsOf(parts, flag).flatMap((path) => pathIn(folder, path) ?? [])
    const isApply = parts[0] === 'kubectl' && parts.includes('apply')
    const release = parts[0] === 'helm' ? releaseOf(parts, folder) : undefined
    const [files, folders] = isApply ? [paths(['-f', '--filename']), paths(['-k', '--kustomize'])] : [[], []]
    manifests.push(...files)
    kustomize.push(...folders)
    if (release !== undefined) helm.push(release)
    if (files.length + folders.length === 0 && release === undefined && !/^helm repo\b/.test(line)) {
      open.push({
        place: item.place,
        message: `deploy runs a command that devk does not: ${line.trim().split('\n')[0]}`,
      })
    }
  }
  const isEmpty = manifests.length + kustomize.length + helm.length === 0
  return { services: [], deploys: isEmpty ? [] : [{ place: deploy.place, manifests, kustomize, helm }], open }
}

/** The values of an option: `-f FILE`, `--values=FILE`. */
function optionsOf(parts: readonly string[], names: readonly string[]): string[] {
  return parts.flatMap((part, at) => {
    const [name = '', value] = part.split(/=(.*)/s)
    if (!names.includes(name)) return []
    return value ?? parts[at + 1] ?? []
  })
}

function releaseOf(parts: readonly string[], folder: string): HelmFact | undefined {
  const at = parts.findIndex((part) => part === 'upgrade' || part === 'install')
  const plain = parts.slice(at + 1).filter((part, index, rest) => !part.startsWith('-') && !takesValue(rest[index - 1]))
  const [name, written] = plain
  const chart = written === undefined ? undefined : pathIn(folder, written)
  if (at < 0 || name === undefined || name.includes('$') || chart === undefined) return undefined
  const given = optionsOf(parts, ['--set', '--set-string']).flatMap((text) => text.split(/(?<!\\),/))
  const pairs = given.flatMap((text) => {
    const [key = '', value = ''] = text.split(/=(.*)/s)
    const [, image] = /^\$\{?OKTETO_BUILD_(\w+)_IMAGE\}?$/.exec(value) ?? []
    const known = image === undefined ? value : image.toLowerCase().replaceAll('_', '-')
    return key === '' || known.includes('$') ? [] : [[key, known] as const]
  })
  const values = optionsOf(parts, ['-f', '--values']).flatMap((file) => pathIn(folder, file) ?? [])
  return { name, chart, values, set: Object.fromEntries(pairs) }
}

function takesValue(option: string | undefined): boolean {
  return /^(-[fn]|--(set(-string|-file|-json)?|values|version|namespace|timeout|repo|kube-context))$/.test(option ?? '')
}
