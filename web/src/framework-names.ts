/** Frameworks as their makers write them, by the words of the registry; any other stands as it was told. */
export const FRAMEWORK_NAMES: Readonly<Record<string, string>> = {
  agent_mesh: 'Agent Mesh',
  agent_strace: 'agent-strace',
  ai_sdk: 'Vercel AI SDK',
  autogen: 'AutoGen',
  claude_code: 'Claude Code',
  codex: 'Codex',
  crewai: 'CrewAI',
  gemini_cli: 'Gemini CLI',
  genkit: 'Genkit',
  google_adk: 'Google ADK',
  haystack: 'Haystack',
  langchain: 'LangChain',
  langgraph: 'LangGraph',
  litellm: 'LiteLLM',
  llama_index: 'LlamaIndex',
  mastra: 'Mastra',
  meshai: 'MeshAI',
  microsoft_agent_framework: 'Microsoft Agent Framework',
  openai_agents: 'OpenAI Agents',
  pydantic_ai: 'Pydantic AI',
  semantic_kernel: 'Semantic Kernel',
  strands: 'Strands',
};

export function frameworkName(framework: string): string {
  return Object.hasOwn(FRAMEWORK_NAMES, framework) ? FRAMEWORK_NAMES[framework]! : framework;
}
