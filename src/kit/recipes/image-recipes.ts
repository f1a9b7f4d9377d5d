import { buildImage, type ImageBuild } from '../imagebuild.ts'
import { type Recipe, recipe } from '../recipe.ts'

/** A recipe for an image with a Dockerfile. It depends on the recipes whose outputs it copies. */
export function imageRecipe(
  data: Pick<Recipe, 'name' | 'version' | 'licences' | 'provides' | 'seconds'> &
    Partial<Recipe> & { readonly image: ImageBuild },
): Recipe {
  const { image, ...rest } = data
  return recipe({
    kind: 'image',
    usesHost: true,
    files: [image.folder],
    inputs: { image: JSON.stringify(image) },
    build: (work) => buildImage(work, image),
    ...rest,
    needs: [...(rest.needs ?? []), ...Object.keys(image.copies ?? {})],
  })
}
