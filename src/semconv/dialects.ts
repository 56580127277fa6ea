import type { Dialect } from './dialect.ts';
import { agentFramework } from './dialects/agent-framework.ts';
import { agentMesh } from './dialects/agent-mesh.ts';
import { agentStrace } from './dialects/agent-strace.ts';
import { aiSdk } from './dialects/ai-sdk.ts';
import { anthropicSdk } from './dialects/anthropic-sdk.ts';
import { autoGen } from './dialects/autogen.ts';
import { claudeCode } from './dialects/claude-code.ts';
import { codex } from './dialects/codex.ts';
import { crewAi } from './dialects/crewai.ts';
import { geminiCli } from './dialects/gemini-cli.ts';
import { genkit } from './dialects/genkit.ts';
import { googleAdk } from './dialects/google-adk.ts';
import { haystack } from './dialects/haystack.ts';
import { langfuse } from './dialects/langfuse.ts';
import { langSmith } from './dialects/langsmith.ts';
import { litellm } from './dialects/litellm.ts';
import { llamaIndex } from './dialects/llama-index.ts';
import { logfire } from './dialects/logfire.ts';
import { mastra } from './dialects/mastra.ts';
import { meshAi } from './dialects/meshai.ts';
import { mlflow } from './dialects/mlflow.ts';
import { muster } from './dialects/muster.ts';
import { openAiAgents } from './dialects/openai-agents.ts';
import { openInference } from './dialects/openinference.ts';
import { openLit } from './dialects/openlit.ts';
import { openLlmetry } from './dialects/openllmetry.ts';
import { otelGenAi } from './dialects/otel-genai.ts';
import { otelGeneral } from './dialects/otel-general.ts';
import { pydanticAi } from './dialects/pydantic-ai.ts';
import { semanticKernel } from './dialects/semantic-kernel.ts';
import { strands } from './dialects/strands.ts';
import { vystak } from './dialects/vystak.ts';

/**
 * Every dialect. Where two spell the same field on one span, the earlier is believed; where the keys of
 * two meet on one span, it is of the later: general ones first, then the ever more particular. Adding a
 * dialect is adding its file and its line here.
 */
export const DIALECTS: readonly Dialect[] = [
  otelGenAi,
  langfuse,
  otelGeneral,
  openInference,
  aiSdk,
  muster,
  openLlmetry,
  logfire,
  pydanticAi,
  langSmith,
  mlflow,
  openLit,
  strands,
  googleAdk,
  haystack,
  mastra,
  litellm,
  crewAi,
  autoGen,
  semanticKernel,
  agentFramework,
  llamaIndex,
  openAiAgents,
  genkit,
  anthropicSdk,
  claudeCode,
  codex,
  geminiCli,
  agentMesh,
  vystak,
  agentStrace,
  meshAi,
];
