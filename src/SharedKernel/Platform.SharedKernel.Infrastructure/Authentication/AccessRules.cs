using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>What a caller may do by the kind of credential they came with, on every route that asks for an account.</summary>
public static class AccessRules
{
    /// <summary>The policy of routes that a person uses themselves, signed in; no API key does.</summary>
    public const string InPerson = "in_person";

    /// <summary>Adds the rules to the default policy, and the policy <see cref="InPerson"/>.</summary>
    /// <param name="services">The Host's services.</param>
    /// <param name="readingOperations">The names of endpoints that only read, whatever their method is.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAccessRules(this IServiceCollection services, params string[] readingOperations)
    {
        var mayWrite = new MayWrite(readingOperations);
        services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(mayWrite).Build())
            .AddPolicy(InPerson, policy => policy.RequireAuthenticatedUser().AddRequirements(mayWrite, new IsThere()));
        return services;
    }

    internal static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private sealed class MayWrite(string[] readingOperations) : AuthorizationHandler<MayWrite>, IAuthorizationRequirement
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, MayWrite requirement)
        {
            if (!context.User.HasClaim(BearerHandler.ReadOnlyClaim, "true") || (context.Resource is HttpContext http && OnlyReads(http)))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }

        private bool OnlyReads(HttpContext http) =>
            IsRead(http.Request.Method)
            || (http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is { } name
                && readingOperations.Contains(name, StringComparer.Ordinal));
    }

    private sealed class IsThere : AuthorizationHandler<IsThere>, IAuthorizationRequirement
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, IsThere requirement)
        {
            if (!context.User.HasClaim(BearerHandler.CredentialClaim, Credential.ApiKey))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }
}
