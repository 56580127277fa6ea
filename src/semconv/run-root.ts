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

export function isRunRootName(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => name.includes(pattern));
}
