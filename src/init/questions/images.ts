import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { podTemplate } from '../../manifests/workload.ts'
import type { Found } from '../../scan/found.ts'
import { candidatesOf, isHelper, type Known, type Matches, type UsedImage } from '../match/match.ts'
import { namedDockerfiles } from '../match/names.ts'
import { foreignImages, foreignNote, idleDockerfiles, keptNote } from '../propose/propose.ts'
import type { Images } from '../propose/services.ts'
import type { Answer, Question } from './question.ts'

/** How much less likely a Dockerfile may be than the best one, for devk to ask. */
const close = 10
/** More are no choice but a list. */
const most = 9

/** What is known about the images that are deployed. */
export interface Deployed {
  readonly name: string
  readonly images: readonly UsedImage[]
  readonly objects: readonly KubeObject[]
  readonly matches: Matches
  readonly bases: Images['bases']
  readonly known: Known
  /** Dockerfiles that a file of another tool names. */
  readonly declared: ReadonlySet<string>
}

/** Which Dockerfile builds an image, where several or none has a name for it. Pure. */
export function imageQuestions(found: Found, deployed: Deployed): Question[] {
  const { objects, matches, bases } = deployed
  const idle = idleDockerfiles(found, matches, bases).map(({ file }) => file)
  const kept = [...matches.kept].map(([image, { file }]) => {
    const asIs = 'none: use the image that others publish'
    return question(image, asIs, [file], [keptNote(image, file)])
  })
  const workloads = objects.filter((object) => podTemplate(object) !== undefined)
  const open = foreignImages(workloads, matches, found).map((image) => {
    return question(repositoryOf(image), 'none: use the image as it is', idle, [foreignNote(image)])
  })
  return [...rivalQuestions(deployed), ...kept, ...open].filter(({ answers }) => answers.length > 1)
}

function rivalQuestions({ name, images, matches: { built, kept }, bases, known, declared }: Deployed): Question[] {
  const unique = new Map(images.map((image) => [repositoryOf(image.reference), image] as const))
  const taken = [...[...built.values(), ...bases.values()].map(({ dockerfile }) => dockerfile), ...kept.values()]
  const used = new Set([...taken.map(({ file }) => file), ...declared])
  const dockerfiles = namedDockerfiles(known.dockerfiles, name)
  return [...unique].flatMap(([repository, image]) => {
    const match = built.get(repository)
    if (match === undefined || declared.has(match.dockerfile.file) || isGiven(match.dockerfile.file, known)) return []
    const candidates = candidatesOf(image, dockerfiles, name)
    const best = candidates.find(({ dockerfile: { file } }) => file === match.dockerfile.file)
    if (best === undefined) return []
    const rivals = candidates
      .filter(({ score }) => score >= best.score - close)
      .map(({ dockerfile: { file } }) => file)
      .filter((file) => !used.has(file) && !isHelper(file))
    return [question(repository, match.dockerfile.file, [...new Set(rivals)], [])]
  })
}

function isGiven(file: string, { given }: Known): boolean {
  return [...given.values()].some((each) => each.file === file)
}

function question(image: string, guess: string, files: readonly string[], notes: readonly string[]): Question {
  const others = files.slice(0, most).map((file): Answer => ({ text: file, flags: { image: [`${image}=${file}`] } }))
  return {
    text: `Which Dockerfile builds the image ${image}?`,
    answers: [{ text: guess, flags: {} }, ...others],
    notes,
  }
}
