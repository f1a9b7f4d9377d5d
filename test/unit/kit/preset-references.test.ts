import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { kitImages } from '../../../src/kit/kit.ts'
import { shortReference } from '../../../src/kit/references.ts'
import { builtInNames, readPreset } from '../../../src/presets/folder.ts'

const library = fileURLToPath(new URL('../../../presets', import.meta.url))

test.each(await builtInNames(library))(
  'the kit makes what preset %s names, or the preset says that nobody can',
  async (name) => {
    const { images } = await readPreset(`${library}/${name}`, true)
    const wanted = images.filter(({ available }) => available).map(({ image, kit }) => shortReference(kit ?? image))
    expect(kitImages()).toEqual(expect.arrayContaining(wanted))
  },
)
