using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Chat.Domain;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Features.Sessions;

internal sealed class UpdateSessionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/sessions/{id:guid}", HandleAsync).WithName("UpdateChatSession")
            .WithSummary("Change a chat session with a JSON merge patch");

    private static async Task<Ok<SessionResponse>> HandleAsync(
        Guid id, UpdateSessionBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateSessionCommand(id, body), cancellationToken));
}

internal sealed record UpdateSessionBody
{
    public Optional<string> Title { get; init; }

    public Optional<JsonElement?> Context { get; init; }
}

internal sealed record UpdateSessionCommand(Guid Id, UpdateSessionBody Body) : ICommand<SessionResponse>;

internal sealed class UpdateSessionValidator : AbstractValidator<UpdateSessionCommand>
{
    public UpdateSessionValidator()
    {
        RuleFor(command => command.Body.Title.Value).NotNull().MaximumLength(ChatSession.MaxTitleLength)
            .When(command => command.Body.Title.IsSet);
        When(command => command.Body.Context.IsSet, () => RuleFor(command => command.Body.Context.Value).Context());
    }
}

internal sealed class UpdateSessionHandler(ChatDbContext db, TimeProvider clock) : IRequestHandler<UpdateSessionCommand, SessionResponse>
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public async Task<SessionResponse> Handle(UpdateSessionCommand request, CancellationToken cancellationToken)
    {
        var session = await db.LockSessionAsync(request.Id, cancellationToken);
        var body = request.Body;
        if (body.Title.IsSet)
        {
            session.Rename(body.Title.Value, clock.GetUtcNow());
        }

        if (body.Context.IsSet)
        {
            session.SetContext(
                body.Context.Value is { } context ? MergePatch.Apply(session.Context, context) : Empty, clock.GetUtcNow());
        }

        return SessionResponse.From(session, db.VersionOf(session));
    }
}
