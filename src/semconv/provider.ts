/**
 * Who serves a model. Senders write framework names, old names and client library names where the provider
 * belongs; what is left when those are set aside is derived from the model's name.
 */

/** Names that are frameworks, whatever attribute they stand in. */
const FRAMEWORKS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'strands-agents': 'strands',
    strands: 'strands',
    semantic_kernel: 'semantic_kernel',
    smolagents: 'smolagents',
    agno: 'agno',
    dspy: 'dspy',
    genkit: 'genkit',
    autogen: 'autogen',
    langchain: 'langchain',
    langgraph: 'langgraph',
    'gcp.vertex.agent': 'google_adk',
    crewai: 'crewai',
    'microsoft.agent_framework': 'microsoft_agent_framework',
    llama_index: 'llama_index',
    llamaindex: 'llama_index',
    pydantic_ai: 'pydantic_ai',
    'pydantic-ai': 'pydantic_ai',
    haystack: 'haystack',
    mastra: 'mastra',
    litellm: 'litellm',
    openai_agents: 'openai_agents',
    'openai-agents': 'openai_agents',
  }),
);

/** Old and dialect spellings → today's `gen_ai.provider.name`. */
const RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    vertex_ai: 'gcp.vertex_ai',
    vertexai: 'gcp.vertex_ai',
    'vertex_ai-language-models': 'gcp.vertex_ai',
    'google.vertex': 'gcp.vertex_ai',
    google_vertexai: 'gcp.vertex_ai',
    google_anthropic_vertex: 'gcp.vertex_ai',
    vertex_ai_beta: 'gcp.vertex_ai',
    gemini: 'gcp.gemini',
    googleai: 'gcp.gemini',
    google: 'gcp.gemini',
    google_genai: 'gcp.gemini',
    'google.generative-ai': 'gcp.gemini',
    'az.ai.inference': 'azure.ai.inference',
    'az.ai.openai': 'azure.ai.openai',
    azure: 'azure.ai.openai',
    azure_ai: 'azure.ai.inference',
    azure_openai: 'azure.ai.openai',
    azureopenai: 'azure.ai.openai',
    bedrock: 'aws.bedrock',
    aws: 'aws.bedrock',
    aws_bedrock: 'aws.bedrock',
    'amazon-bedrock': 'aws.bedrock',
    amazon: 'aws.bedrock',
    amazon_bedrock: 'aws.bedrock',
    bedrock_converse: 'aws.bedrock',
    anthropic_bedrock: 'aws.bedrock',
    xai: 'x_ai',
    cohere_chat: 'cohere',
    'text-completion-openai': 'openai',
    mistral: 'mistral_ai',
    mistralai: 'mistral_ai',
    watsonx: 'ibm.watsonx.ai',
    moonshot: 'moonshot_ai',
  }),
);

/** The client libraries' `<provider>.<api>` form (AI SDK). */
const BY_PREFIX: readonly (readonly [string, string])[] = [
  ['google.vertex', 'gcp.vertex_ai'],
  ['google.generative-ai', 'gcp.gemini'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['azure', 'azure.ai.openai'],
  ['openai.', 'openai'],
  ['anthropic.', 'anthropic'],
  ['mistral.', 'mistral_ai'],
  ['xai.', 'x_ai'],
  ['groq.', 'groq'],
  ['cohere.', 'cohere'],
  ['deepseek.', 'deepseek'],
  ['perplexity.', 'perplexity'],
];

const BY_MODEL: readonly (readonly [RegExp, string])[] = [
  [/^(?:\w+\.)?(?:anthropic|amazon|meta|cohere|mistral|ai21)\.[\w-]+.*:\d/, 'aws.bedrock'],
  [/^azure\//, 'azure.ai.openai'],
  [/^bedrock\//, 'aws.bedrock'],
  [/^vertex_?ai\//, 'gcp.vertex_ai'],
  [/(?:^|\/)claude/, 'anthropic'],
  [/(?:^|\/)(?:gpt-|chatgpt|o[134](?:$|-)|text-embedding-|davinci|babbage|codex)/, 'openai'],
  [/(?:^|\/)(?:gemini|gemma|learnlm|text-bison)/, 'gcp.gemini'],
  [/(?:^|\/)(?:mistral|mixtral|codestral|ministral|pixtral|magistral|devstral)/, 'mistral_ai'],
  [/(?:^|\/)command/, 'cohere'],
  [/(?:^|\/)grok/, 'x_ai'],
  [/(?:^|\/)deepseek/, 'deepseek'],
  [/(?:^|\/)sonar/, 'perplexity'],
  [/(?:^|\/)(?:kimi|moonshot)/, 'moonshot_ai'],
  [/(?:^|\/)granite/, 'ibm.watsonx.ai'],
];

/** The framework that a provider attribute names by mistake, if it does. */
export function frameworkInProvider(provider: string): string | undefined {
  return FRAMEWORKS.get(provider.toLowerCase());
}

/** The provider as the conventions spell it, or '' when nothing tells. */
export function normalizeProvider(provider: string, model: string): string {
  const name = provider.toLowerCase();
  if (name === '' || FRAMEWORKS.has(name)) return providerOfModel(model);
  const renamed = RENAMED.get(name);
  if (renamed !== undefined) return renamed;
  for (const [prefix, known] of BY_PREFIX) if (name.startsWith(prefix)) return known;
  return name;
}

function providerOfModel(model: string): string {
  const name = model.toLowerCase();
  for (const [pattern, provider] of BY_MODEL) if (pattern.test(name)) return provider;
  return '';
}
