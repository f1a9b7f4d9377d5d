import { onTestFinished } from 'vitest'
import type { UiState } from '../../../src/commands/ui/api.ts'
import { type FedOptions, type FedServer, fedPage } from '../../support/fed-page.ts'

/** The server of `devk ui` with the real page and API, fed by the test until its end. */
export async function fedServer(first: UiState, options?: FedOptions): Promise<FedServer> {
  const server = await fedPage(first, options)
  onTestFinished(server.close)
  return server
}
