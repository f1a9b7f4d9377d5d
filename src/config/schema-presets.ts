import * as z from 'zod'
import { releaseVersion, setValues } from './schema-deploy.ts'
import { name, oneOrMore, path } from './schema-values.ts'

const source = z.strictObject({
  name: name.optional().describe('Name of the preset; default: the last part of the chart, repository, folder or file'),
  chart: path
    .optional()
    .describe('Helm chart: oci://HOST/PATH, the URL of an archive, a name in `repo`, or a folder or archive'),
  repo: z.string().optional().describe('URL of the repository of the chart: https://HOST/PATH or oci://HOST/PATH'),
  version: releaseVersion,
  values: oneOrMore(path).default([]).describe('Files with values for the chart; later files override earlier ones'),
  set: setValues,
  git: path.optional().describe('URL of a Git repository: https://HOST/PATH'),
  ref: z
    .string()
    .regex(/^[^-\s:][^\s:]*$/, 'must be a branch, a tag or a commit')
    .optional()
    .describe('Branch, tag or commit of `git`; default: its main branch. devk.lock notes the commit'),
  path: path
    .optional()
    .describe('Folder in `git` with a kustomization, a chart or manifests; default: the folder at the top'),
  kustomize: path.optional().describe('Folder with a kustomization'),
  manifests: oneOrMore(path).optional().describe('Manifests: URLs with https:, files, folders or glob patterns'),
  namespace: name
    .optional()
    .describe('Namespace for objects without one, which devk creates; default: the name of the preset'),
  needs: z.array(name).default([]).describe('Presets that are installed with this one, and ready before it'),
})

/** An entry of `presets`. */
export const presetEntry = z.union([z.string().min(1), source])

/** A preset that the configuration describes itself: a chart, a kustomization or manifests. */
export type PresetSource = z.output<typeof source>
