import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { kitImages } from '../../../src/kit/kit.ts'
import { shortReference } from '../../../src/lib/image-reference.ts'
import { builtInNames, readBuiltIn } from '../../../src/presets/folder.ts'

const library = fileURLToPath(new URL('../../../presets', import.meta.url))

test.each(await readBuiltIn(library, await builtInNames(library)))(
  'the kit builds the images of the preset $name, or the preset says that it cannot',
  ({ images }) => {
    const wanted = images.filter(({ available }) => available).map(({ image, kit }) => shortReference(kit ?? image))
    expect(kitImages()).toEqual(expect.arrayContaining(wanted))
  },
)
