using System.Text.Json;

namespace Platform.SharedKernel.Callers;

/// <summary>Who does something: the identity that every statement in the database runs under.</summary>
public sealed class Caller
{
    private Caller(Guid? userId, string role, string claims, string? systemJob, bool isReadOnly = false)
    {
        IsReadOnly = isReadOnly;
        UserIdOrNull = userId;
        Subject = userId?.ToString() ?? "";
        Role = role;
        Claims = claims;
        SystemJob = systemJob;
    }

    /// <summary>Nobody: the role <c>anon</c>. What a new scope starts with.</summary>
    public static Caller Anonymous { get; } = new(null, "anon", """{"role":"anon"}""", null);

    /// <summary>The person's id, or null for anonymous and system callers.</summary>
    public Guid? UserIdOrNull { get; }

    /// <summary>The person's id. Throws for callers that are not a person.</summary>
    public Guid UserId => UserIdOrNull ?? throw new InvalidOperationException("The caller is not a person.");

    /// <summary>The database role: <c>anon</c>, <c>authenticated</c> or <c>service_role</c>.</summary>
    public string Role { get; }

    /// <summary>The JSON text of <c>request.jwt.claims</c>.</summary>
    public string Claims { get; }

    /// <summary>The claim <c>sub</c>: the person's id as text, empty for callers that are not a person.</summary>
    public string Subject { get; }

    /// <summary>The name of the system job, or null for people.</summary>
    public string? SystemJob { get; }

    /// <summary>Whether this is a named system job, which row-level security does not bind.</summary>
    public bool IsSystem => SystemJob is not null;

    /// <summary>Whether the caller may only read, whatever their person may do.</summary>
    public bool IsReadOnly { get; }

    /// <summary>A person whose token is not at hand: a job that acts as the owner of what it works on.</summary>
    /// <param name="userId">The person.</param>
    /// <returns>A caller in the role <c>authenticated</c>.</returns>
    public static Caller User(Guid userId) =>
        new(userId, "authenticated", $$"""{"sub":"{{userId}}","role":"authenticated"}""", null);

    /// <summary>A person with the claims of a validated token.</summary>
    /// <param name="userId">The token's <c>sub</c>.</param>
    /// <param name="claims">The token's payload as JSON text.</param>
    /// <returns>A caller in the role <c>authenticated</c>.</returns>
    public static Caller FromToken(Guid userId, string claims) => new(userId, "authenticated", claims, null);

    /// <summary>Somebody who sees what a person sees and changes nothing: a key that may only read, or staff that look after a case.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="claims">The claims as JSON text, with <c>sub</c> and <c>role</c>.</param>
    /// <returns>A caller in the role <c>authenticated</c>.</returns>
    public static Caller Reader(Guid userId, string claims) => new(userId, "authenticated", claims, null, isReadOnly: true);

    /// <summary>A visitor with claims but no account, for example a share link with its locked parameters.</summary>
    /// <param name="claims">Claims beside <c>role</c>.</param>
    /// <returns>A caller in the role <c>anon</c>.</returns>
    public static Caller Visitor(IReadOnlyDictionary<string, object?> claims) =>
        new(null, "anon", JsonSerializer.Serialize(new Dictionary<string, object?>(claims) { ["role"] = "anon" }), null);

    /// <summary>A named system job: the role <c>service_role</c>, on a database login of its own.</summary>
    /// <param name="job">The job's name, for logs, for example <c>platform:sweep-outbox</c>.</param>
    /// <returns>A caller that row-level security does not bind.</returns>
    public static Caller System(string job) => new(null, "service_role", """{"role":"service_role"}""", job);
}

/// <summary>The caller of the current scope. Starts as <see cref="Caller.Anonymous"/>.</summary>
public interface ICurrentCaller
{
    /// <summary>The caller. Set it once, before anything else in the scope is used.</summary>
    Caller Caller { get; set; }

    /// <summary>The person's id. Throws for callers that are not a person.</summary>
    Guid UserId => Caller.UserId;
}
