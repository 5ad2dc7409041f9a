using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Supabase;
using AiMessage = Microsoft.Extensions.AI.ChatMessage;
using AiOptions = Microsoft.Extensions.AI.ChatOptions;

namespace Platform.Chat.Providers;

/// <summary>
/// A model behind the Edge Function <c>ai-chat</c>, which speaks OpenAI's chat completions and keeps the keys of providers. What the
/// function refuses for good is a broken rule with the function's own code; what may go better later is thrown as it comes.
/// </summary>
internal sealed class FunctionChatClient(FunctionsGateway functions, string model) : IChatClient
{
    public const string Function = "ai-chat";
    private const string KeptByTheFunction = "-";
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(6);

    private readonly Lazy<IChatClient> _inner = new(() => Connect(functions, model));

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<AiMessage> messages, AiOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _inner.Value.GetResponseAsync(messages, options, cancellationToken);
        }
        catch (ClientResultException exception) when (RefusalIn(exception) is { } refusal)
        {
            throw refusal;
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<AiMessage> messages,
        AiOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var finished = false;
        await using var updates = _inner.Value.GetStreamingResponseAsync(messages, options, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(updates))
        {
            finished |= updates.Current.FinishReason is not null;
            yield return updates.Current;
        }

        if (!finished)
        {
            throw new IOException("The model's answer broke off.");
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : _inner.Value.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        if (_inner.IsValueCreated)
        {
            _inner.Value.Dispose();
        }
    }

    private static IChatClient Connect(FunctionsGateway functions, string model)
    {
        var http = functions.CreateClient(Function);
        var options = new OpenAIClientOptions
        {
            Endpoint = http.BaseAddress,
            Transport = new HttpClientPipelineTransport(http),
            NetworkTimeout = LongestAnswer,
        };
        return new ChatClient(model, new ApiKeyCredential(KeptByTheFunction), options).AsIChatClient();
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (ClientResultException exception) when (RefusalIn(exception) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The refusal that no repetition changes: {"error": {"code", "message"}} below 500, but for 408 and 429.</summary>
    private static RuleViolationException? RefusalIn(ClientResultException exception)
    {
        var isLasting = exception.Status is (>= 400 and < 500 and not (408 or 429)) or 503;
        if (!isLasting || exception.GetRawResponse() is not { } response)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(response.Content);
            var error = document.RootElement.GetProperty("error");
            var (code, message) = (error.GetProperty("code").GetString(), error.GetProperty("message").GetString());
            return exception.Status < 500 || code == "provider_not_configured" ? new RuleViolationException(code!, message!) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
