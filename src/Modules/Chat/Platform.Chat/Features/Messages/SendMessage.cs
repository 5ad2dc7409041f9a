using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Domain;
using Platform.Chat.Persistence;
using Platform.Chat.Providers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Features.Messages;

internal sealed class SendMessageEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/sessions/{id:guid}/messages", HandleAsync).WithName("SendChatMessage")
            .WithSummary("Send a message; with Accept: text/event-stream the answer is streamed by the same call");

    private static async Task<Results<Accepted<SentMessageResponse>, EmptyHttpResult>> HandleAsync(
        Guid id, SendMessageBody body, IMediator mediator, EventStream events, HttpContext http)
    {
        var response = await mediator.Send(new SendMessageCommand(id, body), http.RequestAborted);
        if (!WantsStream(http.Request))
        {
            return TypedResults.Accepted($"/api/v1/chat/messages/{response.MessageId}", response);
        }

        http.Response.Headers.Location = $"/api/v1/chat/messages/{response.MessageId}";
        await events.WriteAsync(http, ChatMessage.TopicOf(response.MessageId));
        return TypedResults.Empty;
    }

    private static bool WantsStream(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));
}

internal sealed record Attachment(Guid ArtifactId);

internal sealed record SendMessageBody(string Content, IReadOnlyList<Attachment>? Attachments = null, string? Model = null)
{
    public Optional<Guid?> ParentId { get; init; }
}

internal sealed record SendMessageCommand(Guid SessionId, SendMessageBody Body) : ICommand<SentMessageResponse>;

internal sealed record SentMessageResponse(Guid UserMessageId, Guid MessageId, string Events);

internal sealed class SendMessageValidator : AbstractValidator<SendMessageCommand>
{
    private const int MaxLength = 50_000;
    private const int MaxAttachments = 20;

    public SendMessageValidator(ChatModels models)
    {
        RuleFor(command => command.Body.Content).NotEmpty().MaximumLength(MaxLength);
        RuleFor(command => command.Body.Attachments).Must(attachments => attachments is null or { Count: <= MaxAttachments })
            .WithMessage($"A message has at most {MaxAttachments} attachments.");
        RuleFor(command => command.Body.Model).Must(model => model is null || models.Find(model) is not null)
            .WithMessage("There is no such model.");
    }
}

internal sealed class SendMessageHandler(ChatDbContext db, ChatModels models, TimeProvider clock)
    : IRequestHandler<SendMessageCommand, SentMessageResponse>
{
    public async Task<SentMessageResponse> Handle(SendMessageCommand request, CancellationToken cancellationToken)
    {
        var body = request.Body;
        var session = await db.LockSessionAsync(request.SessionId, cancellationToken);
        var parentId = body.ParentId.IsSet ? body.ParentId.Value : session.ActiveMessageId;
        await RequireFreeAsync(session, parentId, cancellationToken);

        var now = clock.GetUtcNow();
        var question = ChatMessage.Ask(session, parentId, PartsOf(body), now);
        var answer = ChatMessage.Answer(question, body.Model ?? models.Default.Id, now);
        db.ChatMessages.AddRange(question, answer);
        session.Continue(question, answer, await BranchAsync(session, parentId, cancellationToken), now);
        return new SentMessageResponse(question.Id, answer.Id, $"/api/v1/chat/messages/{answer.Id}/events");
    }

    private static List<MessagePart> PartsOf(SendMessageBody body) =>
        [MessagePart.OfText(body.Content), .. (body.Attachments ?? []).Select(attachment => MessagePart.OfArtifact(attachment.ArtifactId))];

    // The session's row is locked, so two messages that are sent at once are told apart here.
    private async Task RequireFreeAsync(ChatSession session, Guid? parentId, CancellationToken cancellationToken)
    {
        if (parentId is null)
        {
            return;
        }

        var parent = await db.ChatMessages.AsNoTracking()
            .Where(message => message.Id == parentId && message.SessionId == session.Id)
            .Select(message => new { message.Role, message.Status })
            .SingleOrDefaultAsync(cancellationToken);
        RuleViolationException.ThrowIf(
            parent?.Role != ChatMessage.Assistant, "parent_not_an_answer", "$.parent_id", "It must be an answer in this session.");
        if (parent!.Status is ChatMessage.Queued or ChatMessage.Streaming)
        {
            throw new ConflictException("generation_running", "The answer before is still being written. Wait for it, or stop it.");
        }
    }

    private async Task<IReadOnlyList<ChatMessage>?> BranchAsync(ChatSession session, Guid? parentId, CancellationToken cancellationToken) =>
        parentId == session.ActiveMessageId ? null
        : parentId is { } leafId ? await db.ReadBranchAsync(leafId, BranchProjection.MaxMessages, cancellationToken)
        : [];
}
