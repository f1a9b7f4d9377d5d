import { buildOptions, type Facts, joined, type OpenPoint, onlyOpen, type ServiceFact } from '../facts.ts'
import { readerOf, type ToolFile } from '../files.ts'
import { documentsOf, type Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { deploymentsOf } from './deployments.ts'
import { developmentOf } from './development.ts'
import { Variables } from './variables.ts'

/**
 * What devspace.yaml says: the images, deployments and development of versions 4 (v1beta3) to 6 (v2beta1).
 * https://devspace.sh/docs/configuration/reference
 */
export const readDevspace = readerOf(/(^|\/)devspace\.ya?ml$/, (at) => {
  const { documents, open } = documentsOf(at.file, at.text)
  const [document] = documents
  if (document === undefined || !/^v\d/.test(document.get('version').text() ?? '')) {
    return onlyOpen(open)
  }
  const variables = new Variables(document)
  const images = imagesOf(document.get('images'), variables)
  return joined([
    onlyOpen(open),
    ...dependenciesOf(document, at),
    { services: images, deploys: [], open: [] },
    deploymentsOf(document.get('deployments'), variables),
    developmentOf(document.get('dev'), images, variables),
    onlyOpen(notesOn(document)),
  ])
})

/** Other configurations of the repository that this one needs. */
function dependenciesOf(document: Located, { repository, follow }: ToolFile): Facts[] {
  const list = document.get('dependencies')
  const entries = [...list.items(), ...list.entries().map(([, entry]) => entry)]
  return entries.map((entry) => {
    const path = entry.get('path').text() ?? entry.get('source', 'path').text()
    const folder = path === undefined ? undefined : pathIn(folderOf(entry.place.file), path)
    const candidates = [folder, pathIn(folder ?? '', 'devspace.yaml')]
    const found = candidates.find((file) => file !== undefined && repository.files.includes(file))
    if (folder !== undefined && found !== undefined) return follow(found)
    const message = 'It depends on a configuration outside the repository.'
    return onlyOpen([{ place: entry.place, message }])
  })
}

function imagesOf(images: Located, variables: Variables): ServiceFact[] {
  return images.entries().flatMap(([name, entry]): ServiceFact[] => {
    const image = variables.text(entry.get('image'))
    const folder = folderOf(entry.place.file)
    const written = variables.text(entry.get('context')) ?? entry.get('build', 'docker', 'context').text() ?? './'
    const file = variables.text(entry.get('dockerfile'))
    const context = pathIn(folder, written)
    if (image === undefined || context === undefined) return []
    const dockerfile = file === undefined ? pathIn(context, 'Dockerfile') : pathIn(folder, file)
    const target = entry.get('target').text() ?? entry.get('build', 'docker', 'options', 'target').text()
    const given = entry.either('buildArgs').isThere
      ? entry.get('buildArgs')
      : entry.get('build', 'docker', 'options', 'buildArgs')
    const args = given.pairs((value) => variables.text(value))
    const build = {
      context,
      dockerfile: dockerfile ?? 'Dockerfile',
      ...buildOptions(target, args),
    }
    return [{ place: entry.place, image, name, build }]
  })
}

function notesOn(document: Located): OpenPoint[] {
  const profiles = document.get('profiles')
  const names = profiles.items().flatMap((profile) => profile.get('name').text() ?? [])
  const hooks = document.get('hooks')
  return [
    ...(names.length === 0
      ? []
      : [
          {
            place: profiles.place,
            message: `Profiles of DevSpace that are left out: ${names.join(', ')}. Add what you need under profiles.`,
            isRemark: true as const,
          },
        ]),
    ...(hooks.isThere ? [{ place: hooks.place, message: 'devk runs no hooks of DevSpace.' }] : []),
  ]
}
