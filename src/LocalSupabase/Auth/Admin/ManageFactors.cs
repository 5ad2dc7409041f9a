using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Mfa;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Admin;

internal sealed record UpdateFactorRequest(string? FriendlyName);

/// <summary>The factors of a user, as an administrator lists, renames and removes them.</summary>
internal sealed class ManageFactors(AuthDatabase database, Bearer bearer, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        const string path = "/admin/users/{id}/factors";
        routes.MapGet(path, (string id, HttpContext context, ManageFactors slice) => slice.ListAsync(id, context));
        routes.MapPut(
            $"{path}/{{factor}}", (string id, string factor, HttpContext context, ManageFactors slice) => slice.RenameAsync(id, factor, context));
        routes.MapDelete(
            $"{path}/{{factor}}", (string id, string factor, HttpContext context, ManageFactors slice) => slice.RemoveAsync(id, factor, context));
    }

    private async Task<IResult> ListAsync(string id, HttpContext context)
    {
        await bearer.RequireAdminAsync(context);
        await using var connection = await database.OpenAsync(context.RequestAborted);
        return TypedResults.Json((await FindUserAsync(connection, id, context)).Factors);
    }

    private async Task<IResult> RenameAsync(string id, string factor, HttpContext context)
    {
        await bearer.RequireAdminAsync(context);
        var request = await AuthBody.ReadAsync<UpdateFactorRequest>(context.Request);
        return await ChangeAsync(id, factor, "factor_updated", context, async (connection, factorId) =>
        {
            if (request.FriendlyName is { } name)
            {
                await connection.Command(
                    "update auth.mfa_factors set friendly_name = @name, updated_at = @now where id = @id",
                    ("name", name), ("now", clock.GetUtcNow()), ("id", factorId)).ExecuteAsync(context.RequestAborted);
            }

            return FactorOf(await FindUserAsync(connection, id, context), factorId);
        });
    }

    private async Task<IResult> RemoveAsync(string id, string factor, HttpContext context)
    {
        await bearer.RequireAdminAsync(context);
        return await ChangeAsync(id, factor, "factor_deleted", context, async (connection, factorId) =>
        {
            var removed = FactorOf(await FindUserAsync(connection, id, context), factorId);
            await connection.RemoveFactorAsync(factorId, context.RequestAborted);
            return removed;
        });
    }

    private async Task<IResult> ChangeAsync(
        string id, string factor, string action, HttpContext context, Func<NpgsqlConnection, Guid, Task<JsonNode>> change)
    {
        var factorId = MfaCaller.IdOf(factor);
        try
        {
            return TypedResults.Json(await database.InTransactionAsync(
                async connection =>
                {
                    var user = await FindUserAsync(connection, id, context);
                    FactorOf(user, factorId);
                    await connection.AuditAdminAsync(context, clock.GetUtcNow(), action, user);
                    return await change(connection, factorId);
                },
                context.RequestAborted));
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw MfaCaller.Refused("mfa_factor_name_conflict", "A factor with this friendly name for this user already exists");
        }
    }

    private static JsonNode FactorOf(AuthUser user, Guid factorId) =>
        user.Factors.FirstOrDefault(factor => factor!["id"]!.GetValue<string>() == factorId.ToString())?.DeepClone() ?? throw MfaCaller.NotFound();

    private static async Task<AuthUser> FindUserAsync(NpgsqlConnection connection, string id, HttpContext context) =>
        await connection.FindAsync(AdminUsers.IdOf(id), context.RequestAborted)
        ?? throw AuthException.UserNotFound(StatusCodes.Status404NotFound);
}
