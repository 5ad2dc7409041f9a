using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Contracts.Queries;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Callers;

namespace Platform.Chat.Integration;

internal sealed class ExportChatHandler(ChatDbContext db, ICurrentCaller caller) : IRequestHandler<ExportChatQuery, JsonElement>
{
    public async Task<JsonElement> Handle(ExportChatQuery request, CancellationToken cancellationToken)
    {
        var json = await db.Database.SqlQuery<string>(
            $"""
            select jsonb_build_object(
                'chat_sessions', (
                  select coalesce(jsonb_agg(to_jsonb(row) - 'messages' order by row.id), '[]')
                  from chat.chat_sessions as row where row.user_id = {caller.UserId}),
                'chat_messages', (
                  select coalesce(jsonb_agg(to_jsonb(row) - array['lease_until', 'fence', 'available_at'] order by row.id), '[]')
                  from chat.chat_messages as row where row.user_id = {caller.UserId}))::text as "Value"
            """).ToListAsync(cancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(json[0]);
    }
}
