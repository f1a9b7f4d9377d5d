import { isAbsolute, join } from 'node:path'
import { nearest } from '../lib/text.ts'
import { isRemoteChart } from './chart-source.ts'
import { type Rule, type RuleContext, shownPath } from './context.ts'
import { isKustomization } from './overlay.ts'
import { isRemoteFile, sourceMistakes, sourceName } from './preset-source.ts'
import type { ConfigPath, Problem } from './problems.ts'
import type { PresetSource } from './schema-presets.ts'

/** Checks that presets exist and are listed once. A preset of the project is a folder with a preset.yaml. */
export const knownPresets: Rule = (context) => {
  const { config, presets, disk } = context
  const names = config.presets.map((entry) => (typeof entry === 'string' ? entry : sourceName(entry)))
  return config.presets.flatMap((entry, i): Problem[] => {
    const path = ['presets', i]
    const name = names[i] ?? ''
    if (names.indexOf(name) < i) return [{ path, message: `repeats "${shownName(context, name)}"` }]
    if (typeof entry !== 'string') return sourceProblems(context, path, entry)
    if (isAbsolute(name)) {
      if (disk.kind(join(name, 'preset.yaml')) === 'file') return []
      const fix = isKustomization(disk, name) ? 'for a kustomization write { kustomize: … }' : undefined
      return [{ path, message: `refers to ${shownPath(context, name)}, which contains no preset.yaml`, fix }]
    }
    if (presets === undefined || presets.includes(name)) return []
    const near = nearest(name, presets)
    const fix = near === undefined ? `available presets: ${presets.join(', ')}` : `did you mean "${near}"?`
    return [{ path, message: `unknown preset "${name}"`, fix }]
  })
}

function shownName(context: RuleContext, name: string): string {
  return isAbsolute(name) ? shownPath(context, name) : name
}

/** What is wrong with a preset that the configuration describes itself, and with the files that it names. */
function sourceProblems(context: RuleContext, path: ConfigPath, entry: PresetSource): Problem[] {
  const { disk, presets } = context
  const wrong = sourceMistakes(entry)
  if (wrong.length > 0) return wrong.map((each) => ({ ...each, path: [...path, ...each.path] }))
  const { chart, repo, kustomize, manifests = [], values } = entry
  const problems: Problem[] = []
  const refuse = (at: ConfigPath, file: string, what: string) =>
    problems.push({ path: [...path, ...at], message: `refers to ${shownPath(context, file)}, which ${what}` })
  const name = sourceName(entry)
  if (presets?.includes(name)) {
    problems.push({ path, message: `has the name of the built-in preset "${name}"`, fix: 'set another name' })
  }
  if (chart !== undefined && !isRemoteChart({ chart, repo })) {
    const kind = disk.kind(chart)
    const isChart = kind === 'folder' ? disk.kind(join(chart, 'Chart.yaml')) === 'file' : kind === 'file'
    if (!isChart) refuse(['chart'], chart, 'is not a Helm chart')
  }
  if (kustomize !== undefined && !isKustomization(disk, kustomize)) {
    refuse(['kustomize'], kustomize, 'contains no kustomization.yaml')
  }
  manifests.forEach((file, i) => {
    if (isRemoteFile(file) || disk.kind(file) !== undefined || disk.matches(file)) return
    refuse(['manifests', i], file, 'does not exist')
  })
  values.forEach((file, i) => {
    if (disk.kind(file) !== 'file') refuse(['values', i], file, 'does not exist')
  })
  return problems
}
