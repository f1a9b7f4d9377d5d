import { DevkError } from '../errors.ts'
import { treeOf } from '../images/reload/tree.ts'
import { repositoryOf } from '../lib/image-reference.ts'
import { containersOf, podTemplate } from '../manifests/workload.ts'
import { type Facts, joined, type OpenPoint, type Repository } from '../readers/facts.ts'
import { openRepository } from '../readers/open.ts'
import { readFacts } from '../readers/read.ts'
import type { Choices } from './choices.ts'
import { copiesOf } from './declared/copies.ts'
import { developedBy } from './declared/developed.ts'
import { declaredBuild, declaredMatches } from './declared/matches.ts'
import { shown, withFacts } from './declared/services.ts'
import type { Services } from './declared/subject.ts'
import { declaredDeploy, withNamed } from './declared/wanted.ts'
import { servicesByName } from './declared/workloads.ts'
import { chooseUnits } from './deploy/choose.ts'
import { type RenderPlace, unitsOf } from './deploy/render.ts'
import { choiceNotes, choiceRemarks, deploySection } from './deploy/section.ts'
import type { Unit } from './deploy/unit.ts'
import { withBases } from './match/bases.ts'
import { isHelper, type Matches, matchImages, type UsedImage } from './match/match.ts'
import { builderNotes } from './propose/builders.ts'
import { type Proposal, propose } from './propose/propose.ts'
import { byImage } from './propose/services.ts'
import { variableNotes } from './propose/variables.ts'
import { deployQuestions } from './questions/deploy.ts'
import { imageQuestions } from './questions/images.ts'
import type { Question } from './questions/question.ts'
import { valuesQuestions } from './questions/values.ts'
import { rebuilt, withoutInferred } from './sync/fitting.ts'
import { liveOf } from './sync/live.ts'

/** A proposal, and what the repository leaves open about it. */
export interface Understood {
  readonly proposal: Proposal
  readonly questions: readonly Question[]
}

/** Works out the configuration of a repository; undefined if it holds nothing to deploy. */
export async function analyze(choices: Choices, place: RenderPlace): Promise<Understood | undefined> {
  const { images: given, from } = choices
  const repository = openRepository(place.root, choices.found.files)
  const tools = readFacts(repository, from)
  requireAll(tools, from)
  const found = withNamed(tools, choices.found, repository)
  const facts = joined(tools)
  const declared = declaredDeploy(tools, found)
  const { manifests, kustomize, charts } = choices.wanted
  const isChosen = manifests.length + kustomize.length + charts.length > 0
  const wanted = isChosen ? choices.wanted : { ...(declared.wanted ?? choices.wanted), values: choices.wanted.values }
  const units = await unitsOf(found, wanted, place)
  if (!units.some(({ objects, problem }) => objects.length > 0 || problem !== undefined)) return undefined
  const known = { dockerfiles: found.dockerfiles, given }
  const match = (images: readonly UsedImage[]) =>
    declaredMatches(matchImages(images, known, place.name), images, { facts, ...known })
  const { built } = match(units.flatMap(imagesIn))
  const own = new Map(
    units.map((unit) => {
      const images = imagesIn(unit).map(({ reference }) => repositoryOf(reference))
      return [unit, new Set(images.filter((image) => built.has(image)))] as const
    }),
  )
  const choice = chooseUnits(units, wanted, (unit) => own.get(unit) ?? new Set())
  const objects = choice.chosen.flatMap((unit) => unit.objects)
  const images = choice.chosen.flatMap(imagesIn)
  const { matches, bases } = withBases(
    match(images),
    known.dockerfiles.filter(({ file }) => !isHelper(file) || /base/i.test(file)),
    place.name,
    (image) => declaredBuild(image, { facts, ...known }),
  )
  const chosen = new Set(choice.chosen.map(({ path }) => path))
  const beside = found.manifests.map(({ file }) => file).filter((file) => !chosen.has(file))
  const deploy = deploySection(choice, [...found.others, ...beside])
  const tree = treeOf(place.root)
  const running = byImage(objects)
  const lives = new Map(
    await Promise.all(
      [...matches.built].map(async ([image, match]) => {
        const own = [...(running.get(image) ?? [])]
        const developed = developedBy(facts, image, matches, own)
        return [image, await liveOf(image, match, { objects: own, tree, developed })] as const
      }),
    ),
  )
  const { config, notes, reasons } = propose(found, { name: place.name, deploy, objects, matches, lives, bases })
  const proposed = config.services ?? {}
  const around = { given: new Set(given.keys()), byName: servicesByName(objects, proposed) }
  const whole = withTexts(repository, matches)
  const first = withFacts(proposed, facts, whole, around)
  const others = rebuilt(first.services, proposed)
  const copies = await copiesOf(first.services, whole, tree)
  const told = withFacts(withoutInferred(proposed, others), facts, whole, { ...around, copies })
  const text = ({ place, message }: OpenPoint) => `${shown(place)}: ${message}`
  const open = facts.open.filter(({ isRemark }) => isRemark !== true).map(text)
  const remarks = facts.open.filter(({ isRemark }) => isRemark === true).map(text)
  const proposal = {
    config: { ...config, services: told.services },
    notes: [
      ...new Set([
        ...choiceNotes(choice),
        ...declared.notes,
        ...told.notes,
        ...open,
        ...notes,
        ...builderNotes(objects, new Set(matches.built.keys()), repository),
        ...variableNotes(objects, matches),
        ...found.notes,
      ]),
    ],
    remarks: [...choiceRemarks(choice), ...remarks],
    reasons: together(without(reasons, [...others, ...synced(told.services, proposed)]), told.reasons),
  }
  const named = new Set(facts.services.flatMap(({ build }) => build?.dockerfile ?? []))
  const deployed = { name: place.name, images, objects, matches, bases, known, declared: named }
  const questions = [
    ...deployQuestions(choice),
    ...valuesQuestions(choice, found, wanted),
    ...imageQuestions(found, deployed),
  ]
  return { proposal, questions }
}

/** Throws USAGE if a tool that the user names says nothing about the repository. */
function requireAll(tools: readonly Facts[], from: readonly string[]): void {
  const silent = from.filter((_, i) => {
    const { services = [], deploys = [], open = [] } = tools[i] ?? {}
    return services.length + deploys.length + open.length === 0
  })
  if (silent.length === 0) return
  throw new DevkError('USAGE', `--from: no file of ${silent.join(' or ')} says anything about this repository`, {
    details: ['Nothing was written.'],
    hint: 'Leave the flag out to use whatever is there.',
  })
}

/** A repository whose Dockerfiles say what their base images say. */
function withTexts(repository: Repository, { built }: Matches): Repository {
  const texts = new Map([...built.values()].map(({ dockerfile: { file, text } }) => [file, text]))
  return { ...repository, read: (file) => texts.get(file) ?? repository.read(file) }
}

/** The services that other tools sync, and whose Dockerfile alone would not tell how. */
function synced(services: Services, proposed: Services): string[] {
  return Object.keys(services).filter((key) => services[key]?.sync !== undefined && proposed[key]?.sync === undefined)
}

type Reasons = Proposal['reasons']

function without(reasons: Reasons, names: readonly string[]): Reasons {
  return Object.fromEntries(Object.entries(reasons).filter(([name]) => !names.includes(name)))
}

function together(a: Reasons, b: Reasons): Reasons {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...names].map((name) => [name, [...(a[name] ?? []), ...(b[name] ?? [])]]))
}

function imagesIn({ objects, path }: Unit): UsedImage[] {
  return objects.flatMap((object) => {
    const template = podTemplate(object)
    const containers = template === undefined ? [] : containersOf(template)
    return containers.flatMap(({ image, command, args }) => {
      const hasCommand = command !== undefined || args !== undefined
      return image ? [{ reference: image, place: path, hasCommand }] : []
    })
  })
}
