using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using Platform.Chat.Domain;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Sessions;

/// <summary>A session; its messages and context are left out of lists.</summary>
internal sealed record SessionResponse(
    Guid Id,
    string Title,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Messages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Context,
    Guid? ActiveMessageId,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : VersionedResponse
{
    public static SessionResponse From(ChatSession session, RowVersion version) =>
        new(
            session.Id, session.Title, session.Messages, session.Context, session.ActiveMessageId, session.CreatedAt, session.UpdatedAt)
        { Version = version };
}

/// <summary>The rule for a session's context, whose shape is the client's own.</summary>
internal static class ContextRule
{
    private const int MaxLength = 100 * 1024;

    public static void Context<T>(this IRuleBuilder<T, JsonElement?> rule) =>
        rule.Must(document => document is not { ValueKind: not JsonValueKind.Object }).WithMessage("'Context' must be an object.")
            .Must(document => document is null || document.Value.GetRawText().Length <= MaxLength).WithMessage("'Context' is too large.");
}
