using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Contracts.Queries;

/// <summary>Asks a model one question, without a session, without tools. Throws a rule violation or a conflict that says what is wrong.</summary>
/// <param name="Prompt">The question.</param>
/// <param name="System">What the model is told before it; null for nothing.</param>
/// <param name="Model">The model's id; null for the default.</param>
/// <param name="Schema">A JSON Schema that the answer fits; null for an answer in words.</param>
public sealed record AskModelQuery(string Prompt, string? System = null, string? Model = null, JsonElement? Schema = null)
    : IQuery<ModelAnswer>;

/// <summary>What a model said.</summary>
/// <param name="Model">The model that was asked.</param>
/// <param name="Text">The answer as it came.</param>
/// <param name="Value">The answer as JSON, which fits the schema; null where none was given.</param>
/// <param name="InputTokens">What the question cost, where the model says so.</param>
/// <param name="OutputTokens">What the answer cost, where the model says so.</param>
public sealed record ModelAnswer(string Model, string Text, JsonElement? Value, long? InputTokens, long? OutputTokens);
