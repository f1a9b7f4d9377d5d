/**
 * More shapes of repositories that were not written for devk.
 * @module-tag slow-images
 */
import { composed } from '../../repositories/running/composed.ts'
import { declared } from '../../repositories/running/declared.ts'
import { deployed } from '../../repositories/running/deployed.ts'
import { testForeign } from '../support/foreign.ts'

testForeign('e2e-foreign-more', [...deployed, ...composed.slice(1), ...declared.slice(1)])
