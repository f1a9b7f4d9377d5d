import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { nearest } from '../../lib/text.ts'
import { changingTools } from './changing.ts'
import { readingTools } from './reading.ts'
import { serveMcp } from './server.ts'
import type { Tool } from './tool.ts'

/** Flags of `devk mcp`. */
export interface McpFlags {
  /** Names of tools that may change the stack. */
  readonly allow?: readonly string[]
}

/**
 * `devk mcp`: serves the Model Context Protocol on stdin and stdout, until stdin ends. It only reads, but for the tools
 * that `--allow` names. Throws USAGE for a name that is no such tool.
 */
export const runMcp: CommandFunction<McpFlags> = async (ctx, _args, { allow = [] }) => {
  const tools = allowedTools(allow)
  await serveMcp(quiet(ctx), tools, new StdioServerTransport(ctx.stdin, ctx.stdout))
  return ctx.signal.aborted ? 130 : 0
}

/** Nobody can be asked: stdin belongs to the protocol. */
function quiet(ctx: CliContext): CliContext {
  return { ...ctx, isTTY: false, yes: false, json: false }
}

/** The tools that read, and of those that change the stack the named ones. Throws USAGE. Pure. */
export function allowedTools(allow: readonly string[]): Tool[] {
  const names = changingTools.map(({ name }) => name)
  const unknown = allow.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, names)
    throw new DevkError('USAGE', `--allow: there is no tool "${unknown}" that changes the stack`, {
      hint: near === undefined ? `Choose among ${names.join(', ')}.` : `Did you mean "${near}"?`,
    })
  }
  return [...readingTools, ...changingTools.filter(({ name }) => allow.includes(name))]
}
