using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>Removes accounts at Supabase Auth.</summary>
public sealed class AccountGateway
{
    private readonly SupabaseHttp _http;

    internal AccountGateway(SupabaseHttp http) => _http = http;

    /// <summary>Registers the gateway.</summary>
    /// <param name="services">The Host's services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection Register(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(provider => new AccountGateway(provider.GetRequiredService<SupabaseHttp>()));
    }

    /// <summary>Removes a person with all that Supabase Auth keeps of them.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Whether there was such a person.</returns>
    public async Task<bool> RemoveAsync(Guid userId, CancellationToken cancellationToken)
    {
        using var request = _http.Request(HttpMethod.Delete, $"auth/v1/admin/users/{userId}");
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return true;
        }
        catch (SupabaseException refused) when (refused.Status == (int)HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
