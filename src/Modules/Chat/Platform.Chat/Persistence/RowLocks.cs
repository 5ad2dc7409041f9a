using Microsoft.EntityFrameworkCore;
using Platform.Chat.Domain;
using Platform.SharedKernel.Errors;

namespace Platform.Chat.Persistence;

/// <summary>
/// Loads rows for a change and holds them until the transaction ends: a message is also written by the pump, which renews its lease, so
/// a version check alone would fail now and then. Who needs both rows locks the session first.
/// </summary>
internal static class RowLocks
{
    public static async Task<ChatSession> LockSessionAsync(this ChatDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var rows = await db.ChatSessions
            .FromSql($"select *, xmin from chat.chat_sessions where id = {id} for no key update")
            .ToListAsync(cancellationToken);
        return rows.SingleOrDefault() ?? throw new NotFoundException("chat_session_not_found", "There is no such session.");
    }

    public static async Task<ChatMessage?> LockMessageAsync(this ChatDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var rows = await db.ChatMessages
            .FromSql($"select *, xmin from chat.chat_messages where id = {id} for no key update")
            .ToListAsync(cancellationToken);
        return rows.SingleOrDefault();
    }

    /// <summary>The message of a claim, or null when the claim is lost or the message has ended.</summary>
    public static async Task<ChatMessage?> LockClaimAsync(
        this ChatDbContext db, Guid id, long fence, CancellationToken cancellationToken) =>
        await db.LockMessageAsync(id, cancellationToken) is { IsRunning: true } message && message.Fence == fence ? message : null;

    /// <summary>The messages that lead to a message, oldest first, the message included.</summary>
    public static async Task<IReadOnlyList<ChatMessage>> ReadBranchAsync(
        this ChatDbContext db, Guid leafId, int count, CancellationToken cancellationToken)
    {
        var rows = await db.ChatMessages.FromSql(
            $"""
            select m.*, m.xmin from chat.chat_messages m where m.id in (
              with recursive branch as (
                select id, parent_id, 1 as depth from chat.chat_messages where id = {leafId}
                union all
                select parent.id, parent.parent_id, branch.depth + 1
                from chat.chat_messages parent join branch on parent.id = branch.parent_id
                where branch.depth < {count}
              ) select id from branch)
            """).AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.OrderBy(message => message.Id)];
    }
}
