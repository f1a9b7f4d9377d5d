import { repositoryOf } from '../lib/image-reference.ts'
import { containersOf, podTemplate } from '../manifests/workload.ts'
import type { Choices } from './choices.ts'
import { chooseUnits } from './deploy/choose.ts'
import { type RenderPlace, unitsOf } from './deploy/render.ts'
import { choiceNotes, choiceRemarks, deploySection } from './deploy/section.ts'
import type { Unit } from './deploy/unit.ts'
import { matchImages, type UsedImage } from './match/match.ts'
import { type Proposal, propose } from './propose/propose.ts'
import { variableNotes } from './propose/variables.ts'

/** Works out the configuration of a repository; undefined if it holds nothing to deploy. */
export async function analyze({ found, wanted, images }: Choices, place: RenderPlace): Promise<Proposal | undefined> {
  const units = await unitsOf(found, wanted, place)
  if (!units.some(({ objects, problem }) => objects.length > 0 || problem !== undefined)) return undefined
  const known = { dockerfiles: found.dockerfiles, given: images }
  const { built } = matchImages(units.flatMap(imagesIn), known, place.name)
  const choice = chooseUnits(units, wanted, (unit) => {
    return new Set(
      imagesIn(unit)
        .map(({ reference }) => repositoryOf(reference))
        .filter((image) => built.has(image)),
    )
  })
  const objects = choice.chosen.flatMap((unit) => unit.objects)
  const matches = matchImages(choice.chosen.flatMap(imagesIn), known, place.name)
  const deploy = deploySection(choice, found.others)
  const { config, notes, reasons } = propose(found, { name: place.name, deploy, objects, matches })
  return {
    config,
    notes: [...new Set([...choiceNotes(choice), ...notes, ...variableNotes(objects, matches), ...found.notes])],
    remarks: choiceRemarks(choice),
    reasons,
  }
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
