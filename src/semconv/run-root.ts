/**
 * Names of spans that are the root of a run, by partial match: the list that Muster documents.
 * Users add their own in the settings.
 */
export const RUN_ROOT_NAMES: readonly string[] = [
  'agent.run',
  'agent.execute',
  'agent.invoke',
  'langchain.chain',
  'langchain.agent',
  'crewai.task',
  'crewai.agent',
  'openai.chat',
  'anthropic.messages',
  'bedrock.invoke',
  'llm.completion',
  'chain.run',
  'tool.run',
];

/** A blank pattern is in every name and so tells nothing. */
export function isRunRootName(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern.trim() !== '' && name.includes(pattern));
}
