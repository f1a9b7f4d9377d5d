import * as z from 'zod'
import { name, oneOrMore, path } from './schema-values.ts'

/** `version` of a chart. */
export const releaseVersion = z
  .string()
  .regex(/^[^-\s]/, 'must be a version or a range such as ^1.2')
  .optional()
  .describe('Version of a chart that is fetched, or a range such as ^1.2; devk.lock notes which one was found')

/** `set` of a chart. */
export const setValues = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .default({})
  .describe('Single values by key, such as image.tag. A string stays a string, whatever it contains')

const helmRelease = z.strictObject({
  name: name.describe('Name of the release'),
  chart: path.describe(
    'Folder or archive of the chart, a URL such as oci://HOST/PATH, or the name of a chart in `repo`',
  ),
  repo: z.string().optional().describe('URL of the repository of the chart: https://HOST/PATH or oci://HOST/PATH'),
  version: releaseVersion,
  namespace: z.string().optional().describe('Namespace of the release; default: the namespace of the project'),
  values: z.array(path).default([]).describe('Files with values; later files override earlier ones'),
  set: setValues,
})

const step = String.raw`[\w-]+|\*`
const index = String.raw`\[(?:\*|\d+|"[^"]+"|[\w-]+=[^\]]+)\]`

const imageField = z.strictObject({
  kind: z
    .string()
    .regex(/^[A-Za-z]+(\.[a-z0-9.-]+)?$/, 'must look like Tenant or Tenant.example.com')
    .describe('Kind of the objects, with or without its API group: Tenant.example.com'),
  path: z
    .string()
    .regex(
      new RegExp(`^\\.?(?:${step})(?:\\.(?:${step})|${index})*$`),
      'must look like spec.image or spec.pools[*].image',
    )
    .describe('Field with the name of an image: spec.image, spec.pools[*].image, …containers[*].env[name=IMAGE].value'),
})

/** The section `deploy`: what is rendered. */
export const deploy = z.strictObject({
  manifests: oneOrMore(path).default([]).describe('Files, folders or glob patterns of plain YAML'),
  kustomize: oneOrMore(path).default([]).describe('Folders that contain a kustomization'),
  helm: z.array(helmRelease).default([]).describe('Helm charts to deploy'),
  overlays: z
    .record(z.string(), oneOrMore(path))
    .default({})
    .describe(
      'Kustomizations for `--overlay NAME`, instead of `kustomize`; default: the folder NAME next to `kustomize`',
    ),
  images: z
    .array(imageField)
    .default([])
    .describe('Fields outside pods that name images, such as those of custom resources and of variables'),
  namespace: z
    .string()
    .optional()
    .describe('Namespace for objects without one; default: the namespace that the manifests create, or `default`'),
})
