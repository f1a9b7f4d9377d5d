import { buildImage, type ImageBuild } from '../imagebuild.ts'
import { type Recipe, recipe } from '../recipe.ts'

/** A recipe that is a Dockerfile and what goes into its context. */
export function imageRecipe(
  data: Pick<Recipe, 'name' | 'version' | 'provides' | 'seconds'> & Partial<Recipe> & { readonly image: ImageBuild },
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
