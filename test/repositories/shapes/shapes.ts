import { languages } from './languages.ts'
import { markets } from './markets.ts'
import type { Shape } from './shape.ts'
import { stores } from './stores.ts'
import { tools } from './tools.ts'
import { trees } from './trees.ts'

/** All shapes of repositories. */
export const shapes: readonly Shape[] = [...languages, ...tools, ...markets, ...stores, ...trees]
