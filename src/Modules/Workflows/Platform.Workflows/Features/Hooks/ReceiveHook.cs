using System.Text;
using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Engine;
using Platform.Workflows.Hooks;

namespace Platform.Workflows.Features.Hooks;

internal sealed class ReceiveHookEndpoint : IEndpoint
{
    private const int MaxBodyBytes = 256 * 1024;
    private const int MaxWaitSeconds = 60;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{token}", HandleAsync).WithName("ReceiveHook").AllowAnonymous()
            .WithSummary("Start a workflow by its webhook; ?wait= seconds answers with the result")
            .Produces<HookResponse>(StatusCodes.Status202Accepted).Produces<HookResponse>();

    private static async Task<IResult> HandleAsync(string token, int? wait, HttpContext http, IMediator mediator, HookWaits waits)
    {
        RuleViolationException.ThrowIf(wait is < 0 or > MaxWaitSeconds, "validation_failed", "$.wait", $"Must be 0 to {MaxWaitSeconds}.");
        var body = await ReadAsync(http.Request);
        var call = new ReceiveHookCommand(
            HookSecrets.HashOf(token), body, Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"));
        var answer = await mediator.Send(call, http.RequestAborted);
        if (wait > 0)
        {
            answer = await waits.WaitAsync(answer, TimeSpan.FromSeconds(wait.Value), http.RequestAborted);
        }

        return answer.Results is not null || answer.ErrorCode is not null
            ? TypedResults.Ok(answer)
            : TypedResults.Accepted($"/api/v1/executions/{answer.Id}", answer);

        string? Header(string name) => http.Request.Headers.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value) ? value.ToString() : null;
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + read > MaxBodyBytes)
            {
                throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}

/// <summary>The execution that a call started. The results are there when it ended within the time that the caller waits.</summary>
internal sealed record HookResponse(Guid Id, Guid WorkflowId, string Status, JsonElement? Results = null, string? ErrorCode = null, string? Error = null);

internal sealed record ReceiveHookCommand(string TokenHash, byte[] Body, string? MessageId, string? Timestamp, string? Signature) : ICommand<HookResponse>;

internal sealed class ReceiveHookValidator : AbstractValidator<ReceiveHookCommand>
{
    public ReceiveHookValidator() => RuleFor(command => command.MessageId).MaximumLength(180).WithName("webhook-id");
}

internal sealed class ReceiveHookHandler(HookDirectory hooks, HookIntake intake, TimeProvider clock) : IRequestHandler<ReceiveHookCommand, HookResponse>
{
    public async Task<HookResponse> Handle(ReceiveHookCommand request, CancellationToken cancellationToken)
    {
        // Once more if what this node remembered of the hook has changed meanwhile.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var hook = await hooks.FindAsync(request.TokenHash, cancellationToken)
                ?? throw new NotFoundException("hook_not_found", "There is no such webhook.");
            Verify(hook, request);
            var input = ReadInput(request.Body);
            var slot = ExecutionStarts.SlotOf(hook.WorkflowId, hook.Compiled, JsonSerializer.Deserialize<JsonElement>(input.Text));
            var key = request.MessageId is { } id ? $"webhook:{id}" : null;
            var accepted = await intake.AcceptAsync(hook, input, key, slot, clock.GetUtcNow());
            if (accepted.Outcome is AcceptedCall.Accepted or AcceptedCall.Duplicate)
            {
                return new HookResponse(accepted.Id!.Value, hook.WorkflowId, accepted.Status!);
            }

            hooks.Forget(request.TokenHash);
        }

        throw new ConflictException("workflow_paused", "The workflow is paused.");
    }

    private void Verify(Hook hook, ReceiveHookCommand request)
    {
        if (hook.Key is { } key)
        {
            HookSignature.Require(key, request.MessageId, request.Timestamp, request.Signature, request.Body, clock.GetUtcNow());
        }
    }

    // JSON is what it says; anything else is a text; nothing is an empty object.
    private static RawJson ReadInput(byte[] body)
    {
        if (body.Length == 0)
        {
            return new RawJson("{}");
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var json = new RawJson(document.RootElement.GetRawText());
            RuleViolationException.ThrowIf(!json.IsStorable, "hook_body_invalid", "The body holds a NUL character.");
            return json;
        }
        catch (JsonException)
        {
            var text = Encoding.UTF8.GetString(body);
            RuleViolationException.ThrowIf(text.Contains('\0', StringComparison.Ordinal), "hook_body_invalid", "The body holds a NUL character.");
            return RawJson.Of(text);
        }
    }
}
