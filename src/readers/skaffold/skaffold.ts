import { type Facts, joined, type OpenPoint, onlyOpen, type Repository } from '../facts.ts'
import { readerOf, type ToolFile } from '../files.ts'
import { documentsOf, type Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { artifactsOf } from './build.ts'
import { deployOf, forwardsOf } from './deploy.ts'

/**
 * What skaffold.yaml says: the one at the root with all that it requires, otherwise all of them.
 * Fields of every version: https://skaffold.dev/docs/references/yaml/
 */
export const readSkaffold = readerOf(/(^|\/)skaffold\.ya?ml$/, (at) => {
  const { documents, open } = documentsOf(at.file, at.text)
  const modules = documents.filter((document) => /^skaffold\//.test(document.get('apiVersion').text() ?? ''))
  return joined([
    onlyOpen(open),
    ...modules.flatMap((module) => [...requiredBy(module, at), factsOf(module, at.repository)]),
  ])
})

function requiredBy(module: Located, { repository, follow }: ToolFile): Facts[] {
  return module
    .get('requires')
    .items()
    .map((entry) => {
      const path = entry.get('path').text()
      const elsewhere = entry.either('git', 'googleCloudStorage')
      if (elsewhere.isThere) return openPoint(elsewhere, 'It requires a configuration outside the repository.')
      if (path === undefined) return joined([])
      const target = pathIn(folderOf(entry.place.file), path)
      const candidates = [target, pathIn(target ?? '', 'skaffold.yaml'), pathIn(target ?? '', 'skaffold.yml')]
      const found = candidates.find((file) => file !== undefined && repository.files.includes(file))
      if (target === undefined || found === undefined) {
        return openPoint(entry, `It requires ${path}, which is not in the repository.`)
      }
      return follow(found)
    })
}

function openPoint({ place }: Located, message: string): Facts {
  return onlyOpen([{ place, message }])
}

/** The facts of one module, with the profile that skaffold would use for development. */
function factsOf(module: Located, repository: Repository): Facts {
  const profiles = module.get('profiles').items()
  const chosen = profiles.filter(isForDevelopment)
  const section = (...keys: string[]): Located =>
    [module, ...chosen].map((each) => each.get(...keys)).findLast(({ isThere }) => isThere) ?? module.get(...keys)
  const others = profiles.filter((profile) => !chosen.includes(profile))
  const builds = artifactsOf(section('build', 'artifacts'))
  const deploys = deployOf(section, builds.services, repository)
  const forwards = forwardsOf(section('portForward'))
  return joined([builds, deploys, forwards, onlyOpen(notesOn(module, others, chosen))])
}

/** Whether `skaffold dev` on a local cluster activates a profile by itself. */
function isForDevelopment(profile: Located): boolean {
  return profile
    .get('activation')
    .items()
    .some((condition) => {
      const [command, context] = [condition.get('command').text(), condition.get('kubeContext').text()]
      if (condition.get('env').isThere) return false
      return command === 'dev' || (command === undefined && /^(kind|minikube|docker-desktop)/.test(context ?? ''))
    })
}

function notesOn(module: Located, others: readonly Located[], chosen: readonly Located[]): OpenPoint[] {
  const nameOf = (profile: Located) => profile.get('name').text() ?? '?'
  const unused = others.map(nameOf)
  const patched = chosen.filter((profile) => profile.get('patches').isThere)
  return [
    ...(unused.length === 0
      ? []
      : [
          {
            place: module.get('profiles').place,
            message: `Profiles of Skaffold that are left out: ${unused.join(', ')}. Add what you need under profiles.`,
            isRemark: true as const,
          },
        ]),
    ...patched.map((profile) => ({
      place: profile.get('patches').place,
      message: `The patches of the profile ${nameOf(profile)} are left out.`,
    })),
  ]
}
