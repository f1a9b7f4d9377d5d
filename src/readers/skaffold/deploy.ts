import type { DeployFact, Facts, HelmFact, OpenPoint, Repository, ServiceFact } from '../facts.ts'
import type { Located } from '../located.ts'
import { folderOf, isIn, pathIn, splitGlob } from '../paths.ts'
import { flatten } from '../values.ts'

type Section = (...keys: string[]) => Located

/** What a module of Skaffold deploys: raw manifests, kustomizations and Helm releases, of every version. */
export function deployOf(section: Section, images: readonly ServiceFact[], repository: Repository): Facts {
  const open: OpenPoint[] = []
  const paths = (value: Located): string[] =>
    (value.text() === undefined ? value.items() : [value]).flatMap((item) => {
      const text = item.text()
      const path = text === undefined ? undefined : pathIn(folderOf(item.place.file), text)
      if (path === undefined && text !== undefined) open.push({ place: item.place, message: notHere(text) })
      return path ?? []
    })
  const kubectl = section('deploy', 'kubectl')
  const raw = [...paths(section('manifests', 'rawYaml')), ...paths(section('deploy', 'kubectl', 'manifests'))]
  const kustomizations = [section('manifests', 'kustomize'), section('deploy', 'kustomize')]
  const kustomize = kustomizations.flatMap((each) => {
    const own = [...paths(each.get('paths')), ...paths(each.either('path', 'kustomizePath'))]
    // Without a path it is the folder of skaffold.yaml.
    const isEmpty = !each.get('paths').isThere && !each.either('path', 'kustomizePath').isThere
    return each.isThere && isEmpty ? [folderOf(each.place.file)] : own
  })
  const releases = [section('manifests', 'helm', 'releases'), section('deploy', 'helm', 'releases')].flatMap((list) =>
    list.items(),
  )
  const helm = releases.flatMap((release) => releaseOf(release, images, open) ?? [])
  const place = (kubectl.isThere ? kubectl : section('manifests')).place
  const none = raw.length + kustomize.length + helm.length === 0 && releases.length === 0
  const usual = pathIn(folderOf(place.file), 'k8s') ?? 'k8s'
  const isUsual = none && repository.files.some((file) => isIn(file, usual) && /\.ya?ml$/.test(file))
  const manifests = isUsual ? [`${usual}/*.yaml`] : raw.filter((pattern) => isThere(pattern, repository))
  const missing = raw.filter((pattern) => !isThere(pattern, repository))
  if (missing.length > 0) open.push({ place, message: `No file matches ${missing.join(', ')}.` })
  const found: DeployFact = { place, manifests, kustomize, helm }
  return { services: [], deploys: manifests.length + kustomize.length + helm.length === 0 ? [] : [found], open }
}

function notHere(text: string): string {
  return `${text} is outside the repository, or computed. Add what it deploys under deploy.`
}

function isThere(pattern: string, { files }: Repository): boolean {
  return files.some((file) => isIn(file, splitGlob(pattern).fixed))
}

function releaseOf(release: Located, images: readonly ServiceFact[], open: OpenPoint[]): HelmFact | undefined {
  const folder = folderOf(release.place.file)
  const own = release.get('chartPath').text()
  const remote = release.get('remoteChart').text()
  const chart = own === undefined ? remote : pathIn(folder, own)
  const name = release.get('name').text()
  if (chart === undefined || name === undefined) {
    open.push({ place: release.place, message: `Its chart ${own ?? ''} is not in the repository.` })
    return undefined
  }
  const files = release
    .get('valuesFiles')
    .texts()
    .map((text) => ({ text, path: pathIn(folder, text) }))
  const left = files.flatMap(({ text, path }) => (path === undefined ? [text] : []))
  if (left.length > 0) open.push({ place: release.place, message: `Values files left out: ${left.join(', ')}.` })
  const [repo, version, namespace] = ['repo', 'version', 'namespace'].map((key) => release.get(key).text())
  return {
    name: name.replace(/\{\{.*?\}\}/g, '').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || 'release',
    chart,
    ...(repo === undefined || own !== undefined ? {} : { repo }),
    ...(version === undefined || own !== undefined ? {} : { version }),
    ...(namespace === undefined || namespace.includes('{{') ? {} : { namespace }),
    values: files.flatMap(({ path }) => path ?? []),
    set: valuesOf(release, images, open),
  }
}

type Values = Record<string, string | number | boolean | null>

function valuesOf(release: Located, images: readonly ServiceFact[], open: OpenPoint[]): Values {
  const set: Values = {}
  for (const section of ['overrides', 'setValues', 'setValueTemplates'])
    Object.assign(set, flatten(release.get(section)))
  // `values` and `artifactOverrides` name the image of an artifact; the strategy helm splits it.
  const split = release.get('imageStrategy', 'helm')
  for (const section of ['values', 'artifactOverrides']) {
    for (const [key, image] of Object.entries(flatten(release.get(section))))
      set[split.isThere ? `${key}.repository` : key] = image
  }
  for (const [key, value] of Object.entries(set)) {
    if (typeof value !== 'string' || !value.includes('{{')) continue
    const text = withImages(value, images)
    if (text === undefined) {
      delete set[key]
      open.push({ place: release.place, message: `The value ${key} is computed: ${value}. Add it to deploy.helm.` })
    } else set[key] = text
  }
  return set
}

/** A template of Skaffold with the names of images filled in; undefined if it uses anything else. */
function withImages(template: string, images: readonly ServiceFact[]): string | undefined {
  const named = (key: string) => images.find(({ image = '' }) => image.replace(/[^a-zA-Z0-9]/g, '_') === key)?.image
  const text = template.replaceAll(/\{\{\s*\.(IMAGE_\w+?)\s*\}\}/g, (whole, variable: string) => {
    const [, kind = '', key] =
      /^IMAGE_(NAME|FULLY_QUALIFIED|REPO_NO_DOMAIN|REPO|DOMAIN|TAG|DIGEST)(?:_(.+))?$/.exec(variable) ?? []
    const image = key === undefined || /^\d$/.test(key) ? images[Number(key ?? 1) - 1]?.image : named(key)
    if (image === undefined || /^(DOMAIN|REPO_NO_DOMAIN|DIGEST)$/.test(kind)) return whole
    return kind === 'TAG' ? 'latest' : image
  })
  return text.includes('{{') ? undefined : text
}

/** The ports that Skaffold forwards. */
export function forwardsOf(list: Located): Facts {
  const services = list.items().flatMap((entry): ServiceFact[] => {
    const [name, port, local] = ['resourceName', 'port', 'localPort'].map((key) => entry.get(key).text())
    if (name === undefined || name.includes('{{') || port === undefined || !/^\d+$/.test(port)) return []
    const written = local === undefined || local === port || !/^\d+$/.test(local) ? port : `${local}:${port}`
    return [{ place: entry.place, name, ports: [written] }]
  })
  return { services, deploys: [], open: [] }
}
