import { expect, test } from 'vitest'
import { namedDockerfiles } from '../../../../src/init/match/names.ts'
import { likeness, nameOf, wordsOf } from '../../../../src/init/match/words.ts'
import { randomOf } from '../../../faults/support/random.ts'

const parts = ['cart', 'shop', 'api', 'api-gateway', 'cartservice', 'svc', 'web', 'webapp', 'v1', 'shopping', 'Gateway']

test('no Dockerfile that is like an image is left out, and the order stays', () => {
  const random = randomOf('names')
  const made = () =>
    Array.from({ length: random.int(1, 3) }, () => random.pick(parts)).join(random.pick(['-', '_', '']))
  const about = wordsOf('shop')
  let alike = 0
  for (let round = 0; round < 300; round += 1) {
    const dockerfiles = Array.from({ length: 12 }, (_, i) => ({
      file: `${made()}/${i}/${random.pick(['Dockerfile', `${made()}.Dockerfile`])}`,
      context: made(),
      stages: [made()],
      text: '',
      variants: [],
      packageName: undefined,
    }))
    const { all, near } = namedDockerfiles(dockerfiles, 'shop')
    const image = nameOf(made(), about)
    const like = all.filter(({ names, stages }) =>
      [...names, ...stages.map(({ name }) => name)].some((name) => likeness(image, name) > 0),
    )
    alike += like.length
    expect(like.filter((each) => !near(image).includes(each))).toEqual([])
    expect(near(image)).toEqual(all.filter((each) => near(image).includes(each)))
  }
  expect(alike).toBeGreaterThan(100)
})
